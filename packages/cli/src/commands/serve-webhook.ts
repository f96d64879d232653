import { policiesInForce, serveWebhook as serve } from '@gatewright/server'
import { servePolicies, type ServePoliciesOptions } from '../served-policies.js'

/** Answers admission reviews until it is told to end, and gives the exit code. */
export const serveWebhook = (options: ServePoliciesOptions): Promise<number> =>
  servePolicies(options, async (given) => {
    const server = await serve(given)
    return { ...server, setPolicies: (policies) => server.setPolicies(policiesInForce(policies)) }
  })
