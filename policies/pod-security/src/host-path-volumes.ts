import {
  anyOf,
  type Condition,
  define,
  type Expr,
  message,
  not,
  onlyIf,
  policy,
  type Policy,
  set,
  text,
} from '@gatewright/core'
import { z } from 'zod'
import { pods, specIsNew } from './selection.js'

/** Whether a path is a prefix or lies below it, by whole components; a slash at the end of either changes nothing. */
function isUnder(path: Expr<string>, prefix: Expr<string>): Condition {
  return define(
    'is under',
    anyOf(
      path.is(prefix),
      prefix.is(text`${path}/`),
      path.startsWith(text`${prefix}/`),
      prefix.endsWith('/').and(path.startsWith(prefix)),
    ),
  )
}

/** Whether a path leads up: on a Windows node a backslash parts components too. */
const climbs = (path: Expr<string>): Condition =>
  define(
    'climbs',
    path.split('/').some((part) => part.split('\\').includes('..')),
  )

/** Pods mount paths of their node only where that is allowed, and read-only where so said. */
export const hostPathVolumes: Policy = policy({
  id: 'pod-security/host-path-volumes',
  title: 'Host paths must be among those that are allowed',
  description:
    'A host path gives a pod files of its node. A path with `..` is never allowed, since it leads out of what it seems to name.',
  severity: 'high',
  topic: 'host-path-volumes',
  controls: { 'cis-kubernetes': ['5.2.11'], 'cis-docker': ['5.6'], pss: ['baseline'] },
  target: pods,
  parameters: z.object({
    allowedHostPaths: z
      .array(z.object({ pathPrefix: z.string().min(1), readOnly: z.boolean().default(false) }))
      .default([])
      .describe('Paths that may be mounted, with all below them; read-only where `readOnly` is set.'),
  }),
  rule: ({ pod, parameters, ...bindings }) =>
    onlyIf(
      specIsNew(bindings),
      pod.volumes
        .filter((volume) => volume.hostPath.exists())
        .each((volume) => {
          const path = volume.hostPath.path.default('/')
          const allowed = parameters.allowedHostPaths.filter((each) =>
            not(climbs(path)).and(isUnder(path, each.pathPrefix)),
          )
          return [
            allowed.isEmpty().deny({
              message: message`volume ${volume.name} must not mount the host path ${path}`,
              at: volume.hostPath.path,
              code: 'path',
            }),
            onlyIf(
              not(allowed.isEmpty()).and(allowed.every((each) => each.readOnly)),
              pod.allContainers.each((c) =>
                c.volumeMounts
                  .filter((mount) =>
                    mount.name.is(volume.name).ifMissing(false).and(mount.readOnly.isNot(true)),
                  )
                  .deny((mount) => ({
                    message: message`container ${c.name} must mount the host path ${path} read-only`,
                    at: mount.readOnly,
                    code: 'read-only',
                    fix: set(mount.readOnly, true),
                  })),
              ),
            ),
          ]
        }),
    ),
})
