import { imageRef, message, not, policy, text } from '@gatewright/core'
import { deployments, workloads } from '@gatewright/kubernetes'
import { z } from 'zod'

const about = { title: 'Parameters', severity: 'low' } as const

const place = z.enum([
  'docker.io',
  'docker.io/library',
  'nginx',
  'index.docker.io/team',
  'registry.example.com',
  'registry.example.com/',
  'registry.example.com/team',
  'localhost:5000',
  'Registry/team',
  'team/app',
  '',
  'not a place',
])
const image = z.enum([
  '*',
  'nginx',
  '*:latest',
  'registry.example.com/*',
  '?ginx*',
  'a.b',
  'registry.example.com/*/app:1.?',
])

/** Policies that hang on parameters in every way that CEL can read them. */
export const parametrised = {
  registries: policy({
    ...about,
    id: 'parameters/registries',
    target: workloads,
    parameters: z.object({ allowed: z.array(place) }),
    rule: ({ pod, parameters }) =>
      pod.allContainers
        .filter((c) => parameters.allowed.none((each) => imageRef(c.image).within(each).ifMissing(false)))
        .deny((c) => ({ message: message`container ${c.name} has ${c.image}`, at: c.image })),
  }),
  registry: policy({
    ...about,
    id: 'parameters/registry',
    target: workloads,
    parameters: z.object({ allowed: place.default('registry.example.com') }),
    rule: ({ pod, parameters }) =>
      pod.containers
        .filter((c) => not(imageRef(c.image).within(parameters.allowed).ifMissing(false)))
        .deny((c) => ({ message: message`${c.image} is not of ${parameters.allowed}`, at: c.image })),
  }),
  wildcards: policy({
    ...about,
    id: 'parameters/wildcards',
    target: workloads,
    parameters: z.object({ exempt: z.array(image), denied: image.default('*') }),
    rule: ({ pod, parameters }) =>
      pod.containers
        .filter((c) => parameters.exempt.none((each) => c.image.like(each).ifMissing(false)))
        .filter((c) => c.image.like(parameters.denied).ifMissing(true))
        .deny((c) => ({ message: message`${c.image}`, at: c.image })),
  }),
  regexps: policy({
    ...about,
    id: 'parameters/regexps',
    target: workloads,
    parameters: z.object({ names: z.array(z.enum(['^a', 'x+$', '[0-9]', '^$', '.'])) }),
    rule: ({ pod, parameters }) =>
      pod.containers
        .filter((c) => parameters.names.some((each) => c.name.matches(each).ifMissing(false)))
        .deny((c) => ({ message: message`${c.name}`, at: c.name })),
  }),
  repeated: policy({
    ...about,
    id: 'parameters/repeated',
    target: deployments,
    parameters: z.object({ names: z.array(z.enum(['', 'a', 'x'])) }),
    rule: ({ object, parameters }) => {
      const named = object.spec.template.spec.containers.filter((c) =>
        c.name.is(object.metadata.name).ifMissing(false),
      )
      return parameters.names
        .some((each) =>
          object.metadata.name
            .startsWith(text`${named.map((c) => c.name).join('-')}${each}`)
            .ifMissing(false),
        )
        .deny({ message: message`${object.metadata.name}`, at: object.metadata.name })
    },
  }),
  replicas: policy({
    ...about,
    id: 'parameters/replicas',
    target: deployments,
    parameters: z.object({ most: z.int().min(0).max(5).default(3), least: z.int().min(0).max(5) }),
    rule: ({ object, parameters }) => [
      object.spec.replicas
        .default(1)
        .gt(parameters.most)
        .ifMissing(false)
        .deny({ message: message`more than ${parameters.most}`, at: object.spec.replicas }),
      object.spec.replicas
        .lt(parameters.least)
        .ifMissing(true)
        .deny({ message: message`less than ${parameters.least}`, at: object.spec.replicas }),
    ],
  }),
  labels: policy({
    ...about,
    id: 'parameters/labels',
    target: deployments,
    parameters: z.object({
      required: z.array(z.object({ key: z.enum(['app', 'team', 'a/b']), value: z.string().optional() })),
      prefix: z.string().default('x'),
      isStrict: z.boolean().default(false),
    }),
    rule: ({ object, parameters }) => [
      parameters.required
        .filter((each) => object.metadata.labels.get(each.key).missing())
        .deny((each) => ({ message: message`there is no label ${each.key}`, at: object.metadata.labels })),
      object.metadata.name
        .startsWith(parameters.prefix)
        .ifMissing(false)
        .and(parameters.isStrict.is(true))
        .deny({ message: message`${object.metadata.name}`, at: object.metadata.name }),
    ],
  }),
}
