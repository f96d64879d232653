// Adds up the results of lanes and prints the closing line. A lane without results counts as one failure.
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Prints a failure again, where a reader who has only the end of a long log finds it. */
function tell(file, test, message) {
  console.log(`  failed: ${relative(process.cwd(), file)} > ${test}`)
  for (const line of message.split('\n').slice(0, 20)) console.log(`    ${line}`)
}

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
  for (const { name, message, assertionResults } of results.testResults) {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    for (const { fullName, failureMessages } of failed) tell(name, fullName, failureMessages.join('\n'))
    if (failed.length === 0 && message) tell(name, 'the file itself', message)
  }
  sum.passed += results.numPassedTests
  sum.failed += results.numFailedTests + (results.success || results.numFailedTests > 0 ? 0 : 1)
  sum.skipped += skipped
}
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`)
process.exitCode = sum.failed > 0 ? 1 : 0
