/** The whole check, whatever fails on the way; the last line counts tests and steps. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runScript } from './run-script.ts'

interface Count {
  readonly passed: number
  readonly failed: number
}

interface Row extends Count {
  readonly name: string
}

/** One after the other: some of them build dist/. */
const STEPS = ['lint', 'build', 'types', 'check:package', 'size']

/**
 * Two lanes at the same time, as the one waits much for servers and a browser. With the minutes that each suite may take,
 * several times what it needs: one that hangs fails, and leaves time for the others.
 */
const LANES: readonly Readonly<Record<string, number>>[] = [
  { 'test:node': 35 },
  { 'test:workerd': 16, 'test:deno': 12, 'test:bun': 12 },
]

/** Kept: docs/conformance.md is made from them. */
const REPORTS = 'reports'

mkdirSync(REPORTS, { recursive: true })

const rows: Row[] = []
for (const name of STEPS) rows.push(await step(name))
for (const lane of await Promise.all(LANES.map(suites))) rows.push(...lane)

const sum = (key: keyof Count) => rows.reduce((total, row) => total + row[key], 0)
console.log('')
for (const { name, passed, failed } of rows) {
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(14)} ${passed} passed, ${failed} failed`)
}
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
process.exit(sum('failed') === 0 ? 0 : 1)

async function step(name: string): Promise<Row> {
  return (await runScript(name)) === 0 ? { name, passed: 1, failed: 0 } : { name, passed: 0, failed: 1 }
}

async function suites(lane: Readonly<Record<string, number>>): Promise<Row[]> {
  const rows: Row[] = []
  for (const [name, minutes] of Object.entries(lane)) rows.push(await suite(name, minutes))
  return rows
}

/** A Vitest run; one that ends badly, or ran nothing, has at least one failure. */
async function suite(name: string, minutes: number): Promise<Row> {
  const report = join(REPORTS, `${name.replace(':', '-')}.json`)
  rmSync(report, { force: true })
  const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const status = await runScript(name, options, minutes)
  const { passed, failed } = readReport(report)
  return { name, passed, failed: status === 0 && passed > 0 ? failed : Math.max(failed, 1) }
}

function readReport(path: string): Count {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(path, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests }
  } catch {
    return { passed: 0, failed: 1 }
  }
}
