import type { TestProject } from 'vitest/node'
import { startCluster } from './cluster.js'
import type { Connection } from './api.js'

declare module 'vitest' {
  interface ProvidedContext {
    readonly cluster: Connection
  }
}

/** Starts the cluster that all tests of the lane share. Without one there is no lane: it throws. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const from = Date.now()
  const { connection, stop } = await startCluster()
  project.provide('cluster', connection)
  console.error(`the cluster runs after ${((Date.now() - from) / 1000).toFixed(1)} s`)
  return stop
}
