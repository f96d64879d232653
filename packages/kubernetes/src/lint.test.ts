import { message, policy } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { deployments, pods } from './generated/resources.js'
import { lintKubernetesPolicy } from './lint.js'
import { workloads } from './workloads.js'

const about = { id: 'lint/test', title: 'A test', severity: 'low' } as const

describe('D7: containers that a policy forgets', () => {
  it.each(['containers', 'initContainers', 'ephemeralContainers'] as const)('reads %s alone', (list) => {
    const { ir } = policy({
      ...about,
      target: workloads,
      rule: ({ pod }) => pod[list].deny((c) => ({ message: message`${c.name}` })),
    })
    expect(lintKubernetesPolicy(ir)).toMatchObject([
      { name: 'forgotten-containers', message: expect.stringContaining(`only ${list} of a pod`) },
    ])
  })

  it('reads two of three, in the template of a resource', () => {
    const { ir } = policy({
      ...about,
      target: deployments,
      rule: ({ object: { spec } }) =>
        spec.template.spec.containers
          .concat(spec.template.spec.initContainers)
          .deny((c) => ({ message: message`${c.name}` })),
    })
    const [found] = lintKubernetesPolicy(ir)
    expect(found?.message).toContain('only containers and initContainers of a pod')
    expect(found?.source?.file).toMatch(/lint\.test\.ts$/)
  })

  it('reads all of them, each by a rule of its own', () => {
    const { ir } = policy({
      ...about,
      target: pods,
      rule: ({ object: { spec } }) =>
        [spec.containers, spec.initContainers, spec.ephemeralContainers].map((list) =>
          list.deny((c) => ({ message: message`${c.name}` })),
        ),
    })
    expect(lintKubernetesPolicy(ir)).toEqual([])
  })

  it('reads all containers, and the first once more', () => {
    const { ir } = policy({
      ...about,
      target: workloads,
      rule: ({ pod }) => [
        pod.allContainers.filter((c) => c.tty.is(true)).deny(() => ({ message: 'tty' })),
        pod.containers.count().gt(10).deny({ message: 'many' }),
      ],
    })
    expect(lintKubernetesPolicy(ir)).toEqual([])
  })
})
