/** The whole check, one step after the other, whatever fails; the last line counts tests and steps. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Count {
  passed: number
  failed: number
}

const STEPS = ['lint', 'build', 'types', 'check:package', 'size']
const SUITES = ['test:node', 'test:workerd', 'test:deno', 'test:bun']

const reports = mkdtempSync(join(tmpdir(), 'wafer-check-'))
const rows = [
  ...STEPS.map((name) => ({ name, ...step(name) })),
  ...SUITES.map((name) => ({ name, ...suite(name) })),
]
rmSync(reports, { recursive: true })

const sum = (key: keyof Count) => rows.reduce((total, row) => total + row[key], 0)
console.log('')
for (const { name, passed, failed } of rows) {
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(14)} ${passed} passed, ${failed} failed`)
}
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') === 0 ? 0 : 1

function step(name: string): Count {
  return run(name, []) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** A Vitest run; one that ends badly, or ran nothing, has at least one failure. */
function suite(name: string): Count {
  const report = join(reports, `${name.replace(':', '-')}.json`)
  const status = run(name, ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`])
  const { passed, failed } = readReport(report)
  return { passed, failed: status === 0 && passed > 0 ? failed : Math.max(failed, 1) }
}

function run(name: string, options: readonly string[]): number | null {
  console.log(`\n== npm run ${name}`)
  const started = performance.now()
  const { status } = spawnSync('npm', ['run', '--silent', name, '--', ...options], { stdio: 'inherit' })
  console.log(`== ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return status
}

function readReport(path: string): Count {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(path, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests }
  } catch {
    return { passed: 0, failed: 1 }
  }
}
