import { fromBase64 } from './base64.js'
import { dataEnd as plainEnd, needs as plainNeeds, runtime as plain } from './generated/plain.js'
import { dataEnd as simdEnd, needs as simdNeeds, runtime as simd } from './generated/simd.js'
import { readRuntime, type Runtime } from './runtime.js'

const known = new Map<boolean, Runtime>()

/** The built runtime, with 128-bit SIMD or without. */
export function runtimeOf(withSimd: boolean): Runtime {
  let runtime = known.get(withSimd)
  if (runtime === undefined) {
    runtime = withSimd
      ? readRuntime(fromBase64(simd), simdEnd, simdNeeds)
      : readRuntime(fromBase64(plain), plainEnd, plainNeeds)
    known.set(withSimd, runtime)
  }
  return runtime
}
