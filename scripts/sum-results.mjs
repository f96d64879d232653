// Adds up the results of lanes and prints the closing line. A lane without results counts as one failure.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...lanes] = process.argv.slice(2)
const sum = { passed: 0, failed: 0, skipped: 0 }
for (const lane of lanes) {
  const file = join(folder, `${lane}.json`)
  if (!existsSync(file)) {
    console.log(`${lane}: no results`)
    sum.failed++
    continue
  }
  const results = JSON.parse(readFileSync(file, 'utf8'))
  const skipped = results.numPendingTests + results.numTodoTests
  console.log(
    `${lane}: ${results.numPassedTests} passed, ${results.numFailedTests} failed, ${skipped} skipped`,
  )
  sum.passed += results.numPassedTests
  sum.failed += results.numFailedTests + (results.success || results.numFailedTests > 0 ? 0 : 1)
  sum.skipped += skipped
}
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`)
process.exitCode = sum.failed > 0 ? 1 : 0
