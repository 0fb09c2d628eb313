/**
 * Writes docs/conformance.md: every requirement with the tests whose names begin with its row (`row 12: …`, `rows 3, 5-7:
 * …`) and their results, of the reports that `npm test` leaves in reports/. With `--check` it reads no reports and writes
 * nothing, and fails when the page is stale but for its numbers, when something failed, when a row has no test, or when what
 * it refers to is not there.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asvs7, asvs9 } from './conformance/asvs.ts'
import { nist5 } from './conformance/nist.ts'
import { page, SOME, type Sources } from './conformance/page.ts'
import { requirements } from './conformance/requirements.ts'
import { readResults } from './conformance/results.ts'
import { rowsIn } from './conformance/rows.ts'
import { scenariosIn, WSTG_FILE, wstg } from './conformance/wstg.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = `${root}docs/conformance.md`
const sources: Sources = { filesByRow: filesByRow(), wstg: readFileSync(`${root}${WSTG_FILE}`, 'utf8') }

if (process.argv.includes('--check')) check()
else writeFileSync(target, page(sources, readResults(`${root}reports`)))

function check(): void {
  const written = readFileSync(target, 'utf8')
  const untested = requirements.map((_, i) => i + 1).filter((row) => !sources.filesByRow.has(row))
  if (untested.length > 0) fail(`No test is named by row ${untested.join(', ')}.`)
  const missing = Object.keys(wstg).filter((number) => scenariosIn(sources.wstg, number).length === 0)
  if (missing.length > 0) fail(`No scenario is named by ${missing.join(', ')}.`)
  for (const problem of [...asvs7, ...asvs9, ...nist5].flatMap(brokenReferences)) fail(problem)
  if (/\*\*\d+ of \d+ failed\*\*/.test(written)) fail('docs/conformance.md has failures.')
  if (shape(written) !== shape(page(sources)))
    fail('docs/conformance.md is stale: npm test && npm run conformance')
}

/** The page without what only a run can tell: numbers of tests, and the table of stores. */
function shape(text: string): string {
  const stores = /(## In each store\n(?:.*\n)*?\n)(?:\|.*\n)+/
  return text.replace(stores, '$1').replace(/ \| \d+(?= \|)/g, ` | ${SOME}`)
}

function filesByRow(): Map<number, Set<string>> {
  const byRow = new Map<number, Set<string>>()
  for (const file of testFiles()) {
    for (const row of rowsIn(withSupport(file))) byRow.set(row, (byRow.get(row) ?? new Set()).add(file))
  }
  return byRow
}

/** Its source, and that of what it imports from test/support: suites that several files share. */
function withSupport(file: string): string {
  const source = readFileSync(`${root}${file}`, 'utf8')
  const imports = source.matchAll(/^(?:import|\}) .*from '(\.[^']*\/support\/[^']*)'$/gm)
  const shared = Array.from(imports, ([, path = '']) => readFileSync(join(root, dirname(file), path), 'utf8'))
  return [source, ...shared].join('\n')
}

function testFiles(): string[] {
  return readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.startsWith('.'))
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .sort()
}

function brokenReferences({ number, rows = [], files = [] }: (typeof asvs7)[number]): string[] {
  const badRows = rows.filter((row) => requirements[row - 1] === undefined)
  const badFiles = files.filter((file) => !leadsSomewhere(file))
  if (rows.length + files.length === 0) return [`${number} has neither a row nor a file.`]
  return [...badRows, ...badFiles].map((one) => `${number} refers to ${one}, which is not there.`)
}

function leadsSomewhere(file: string): boolean {
  const [path = '', anchor] = file.split('#')
  if (!existsSync(`${root}${path}`)) return false
  const headings = readFileSync(`${root}${path}`, 'utf8').matchAll(/^#+ (.*)$/gm)
  return anchor === undefined || Array.from(headings, ([, text = '']) => slug(text)).includes(anchor)
}

/** As GitHub makes an anchor of a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
