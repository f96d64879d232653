import type { Condition, Expr } from '@gatewright/core'
import { z } from 'zod'

/** A range of user or group ids, both ends included. */
export const idRange: z.ZodObject<{ min: z.ZodNumber; max: z.ZodNumber }> = z.object({
  min: z.number().int().min(0),
  max: z.number().int().min(0),
})

/** Whether an id that is there lies in one of the ranges. */
export function isInRanges(
  id: Expr<number | undefined>,
  ranges: Expr<z.output<typeof idRange>[]>,
): Condition {
  return ranges.some((range) => id.between(range.min, range.max).ifMissing(false))
}
