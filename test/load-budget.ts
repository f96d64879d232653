/** How much load tests make: little by default, as much as somebody asks for by the environment. CONTRIBUTING.md names the variables. */
function asked(name: string, otherwise: number): number {
  const said = process.env[name]
  const number = Number(said ?? otherwise)
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`${name}=${said ?? ''} is no whole number from 1`)
  return number
}

export const seed: number = asked('GATEWRIGHT_FUZZ_SEED', 1)
/** How long a server is asked, in seconds. */
export const loadSeconds: number = asked('GATEWRIGHT_LOAD_SECONDS', 3)
/** How often its certificates are changed. */
export const rotations: number = asked('GATEWRIGHT_LOAD_ROTATIONS', 4)
/** How often it is ended and started. */
export const restarts: number = asked('GATEWRIGHT_LOAD_RESTARTS', 2)

/** Milliseconds that a test may take which takes so many seconds when all goes well. */
export const timeoutFor = (seconds: number): number => 120_000 + seconds * 4_000
