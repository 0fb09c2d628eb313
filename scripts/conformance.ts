/**
 * Writes docs/conformance.md: every requirement with the tests whose names begin with its row (`row 12: …`,
 * `rows 3, 5-7: …`). With `--check` it writes nothing, and fails when the page is stale or a row has no test.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { needs, requirements } from './requirements.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = `${root}docs/conformance.md`
const tests = testsByRow()
const text = render()

if (!process.argv.includes('--check')) {
  writeFileSync(page, text)
} else {
  const untested = requirements.map((_, i) => i + 1).filter((row) => !tests.has(row))
  if (untested.length > 0) fail(`No test is named by row ${untested.join(', ')}.`)
  if (readFileSync(page, 'utf8') !== text)
    fail('docs/conformance.md is stale: npx node scripts/conformance.ts')
}

function testsByRow(): Map<number, Set<string>> {
  const byRow = new Map<number, Set<string>>()
  for (const file of testFiles()) {
    for (const row of rowsNamedIn(readFileSync(`${root}${file}`, 'utf8'))) {
      byRow.set(row, (byRow.get(row) ?? new Set()).add(file))
    }
  }
  return byRow
}

function testFiles(): string[] {
  return readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.startsWith('.'))
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .sort()
}

/** The rows at the beginning of a string literal, which is where a test's name has them. */
function rowsNamedIn(source: string): number[] {
  return Array.from(source.matchAll(/['"`]rows? (\d+(?:(?:, | and |-)\d+)*)\b[^'"`\n]*?:/g)).flatMap(
    ([, list = '']) => list.split(/, | and /).flatMap(range),
  )
}

function range(part: string): number[] {
  const [first = 0, last = first] = part.split('-').map(Number)
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function render(): string {
  const lines = requirements.map(
    ([requirement, source], i) => `| ${i + 1} | ${requirement} | ${source} | ${shownBy(i + 1)} |`,
  )
  return `# Conformance

What must hold of a session, where that is asked, and the tests that show it. Made from the names of the tests by
\`npx node scripts/conformance.ts\`; do not edit.

ASVS is OWASP ASVS 5.0.0, SMCS the OWASP Session Management Cheat Sheet, WSTG the OWASP Web Security Testing Guide, NIST is
SP 800-63B-4, and a bare § is a section of the RFC 6265bis draft. Other names are the projects whose own tests ask for it.
*Needs*: a cookie alone cannot hold this, see [sealed cookies](sealed-cookies.md); which store can what stands in
[stores](stores.md#what-each-can-do).

| row | requirement | source | shown by |
| --- | --- | --- | --- |
${lines.join('\n')}
`
}

function shownBy(row: number): string {
  const links = [...(tests.get(row) ?? [])].map((file) => `[${file.slice('test/'.length)}](../${file})`)
  if (links.length === 0) return '**no test yet**'
  const need = needs[row]
  return [...links, ...(need === undefined ? [] : [`*needs* ${need}`])].join('<br>')
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
