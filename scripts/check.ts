/** The whole check, one step after the other, whatever fails; the last line counts tests and steps. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startGroup } from './process-group.ts'

interface Count {
  passed: number
  failed: number
}

const STEPS = ['lint', 'build', 'types', 'check:package', 'size']

/** With the minutes that each may take, several times what it needs: one that hangs fails, and leaves time for the others. */
const SUITES = { 'test:node': 35, 'test:workerd': 16, 'test:deno': 12, 'test:bun': 12 }

/** Kept: docs/conformance.md is made from them. */
const REPORTS = 'reports'

rmSync(REPORTS, { recursive: true, force: true })
mkdirSync(REPORTS)

const rows: (Count & { name: string })[] = []
for (const name of STEPS) rows.push({ name, ...(await step(name)) })
for (const [name, minutes] of Object.entries(SUITES)) rows.push({ name, ...(await suite(name, minutes)) })

const sum = (key: keyof Count) => rows.reduce((total, row) => total + row[key], 0)
console.log('')
for (const { name, passed, failed } of rows) {
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(14)} ${passed} passed, ${failed} failed`)
}
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
process.exit(sum('failed') === 0 ? 0 : 1)

async function step(name: string): Promise<Count> {
  return (await run(name, [])) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** A Vitest run; one that ends badly, or ran nothing, has at least one failure. */
async function suite(name: string, minutes: number): Promise<Count> {
  const report = join(REPORTS, `${name.replace(':', '-')}.json`)
  const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const status = await run(name, options, minutes)
  const { passed, failed } = readReport(report)
  return { passed, failed: status === 0 && passed > 0 ? failed : Math.max(failed, 1) }
}

/** Its exit code; null for one that was stopped at the limit, with all that it had started. */
async function run(name: string, options: readonly string[], minutes = 5): Promise<number | null> {
  console.log(`\n== npm run ${name}`)
  const started = performance.now()
  const { status: ended, end } = startGroup('npm', ['run', '--silent', name, '--', ...options], {
    stdio: 'inherit',
  })
  const limit = setTimeout(end, minutes * 60_000)
  const status = await ended.catch(() => null)
  clearTimeout(limit)
  const how = status === null ? ' (stopped: too long)' : ''
  console.log(`== ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s${how}`)
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
