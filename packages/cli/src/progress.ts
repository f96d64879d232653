import type { Progress } from './scan.js'

/** Milliseconds that a scan may take before anything is shown of it, and between two looks. */
const patience = 500
const rhythm = 100

interface ShownProgress {
  readonly tell: Progress
  /** Takes away what was shown. */
  clear(): void
}

/** The part of a stream that progress is shown on. */
interface Screen {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** A line that says how far a long scan is; only where a person watches a terminal. */
export function shownProgress(
  wanted: boolean,
  screen: Screen = process.stderr,
  environment: NodeJS.ProcessEnv = process.env,
  now: () => number = () => performance.now(),
): ShownProgress | undefined {
  if (!wanted || screen.isTTY !== true || isSet(environment['CI'])) return undefined
  let next = now() + patience
  let shown = false
  return {
    tell: (step, done, of) => {
      if (now() < next) return
      next = now() + rhythm
      shown = true
      screen.write(`\r\u001B[K${step} ${done} of ${of} ${step === 'read' ? 'files' : 'objects'}`)
    },
    clear: () => {
      if (shown) screen.write('\r\u001B[K')
    },
  }
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== 'false'
