import { expect, it } from 'vitest'
import { shownProgress } from './progress.js'

function watched(environment: NodeJS.ProcessEnv = {}, isTTY = true) {
  let time = 0
  const written: string[] = []
  const screen = { isTTY, write: (text: string) => written.push(text) }
  return {
    written,
    pass: (milliseconds: number) => (time += milliseconds),
    progress: shownProgress(true, screen, environment, () => time),
  }
}

it('shows how far a long scan is, now and then, and takes it away', () => {
  const { progress, written, pass } = watched()
  progress?.tell('read', 1, 9)
  pass(600)
  progress?.tell('read', 2, 9)
  progress?.tell('read', 3, 9)
  pass(200)
  progress?.tell('judged', 40, 80)
  progress?.clear()
  expect(written).toEqual(['\r\u001B[Kread 2 of 9 files', '\r\u001B[Kjudged 40 of 80 objects', '\r\u001B[K'])
})

it('shows nothing of a short scan', () => {
  const { progress, written } = watched()
  progress?.tell('judged', 1, 1)
  progress?.clear()
  expect(written).toEqual([])
})

it('shows nothing where nobody watches', () => {
  expect(watched({}, false).progress).toBeUndefined()
  expect(watched({ CI: 'true' }).progress).toBeUndefined()
  expect(shownProgress(false, { isTTY: true, write: () => {} }, {})).toBeUndefined()
})
