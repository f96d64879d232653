import { serveProvider as serve } from '@gatewright/server'
import { servePolicies, type ServePoliciesOptions } from '../served-policies.js'

/** Answers Gatekeeper's templates until it is told to end, and gives the exit code. */
export const serveProvider = (options: ServePoliciesOptions): Promise<number> => servePolicies(options, serve)
