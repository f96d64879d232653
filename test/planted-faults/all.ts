import type { PlantedFault } from './fault.js'
import { fields } from './fields.js'
import { forgotten } from './forgotten.js'
import { values } from './values.js'

/** Policies with a hole, kept as data: the tools have to find it. */
export const plantedFaults: readonly PlantedFault[] = [...forgotten, ...fields, ...values]
