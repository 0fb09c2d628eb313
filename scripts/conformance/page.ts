import { asvs7, asvs9, type Requirement } from './asvs.ts'
import { nist5 } from './nist.ts'
import { needs, requirements } from './requirements.ts'
import { outcome, type Result, RUNTIMES, type Runtime } from './results.ts'
import { rowsOf } from './rows.ts'
import { inStores, STORES } from './stores.ts'
import { scenariosIn, WSTG_FILE, wstg } from './wstg.ts'

/** What is known of the tests without running them. */
export interface Sources {
  /** The files, from the root, whose titles begin with a row. */
  readonly filesByRow: ReadonlyMap<number, ReadonlySet<string>>
  readonly wstg: string
}

/** In place of a number of tests, where there are no results. */
export const SOME = '#'

/** @param results Left out, cells of results are `#`, and the table of stores is empty. */
export function page(sources: Sources, results?: readonly Result[]): string {
  return `# Conformance

What is asked of a session, where it is asked, and the tests that show it: the library's own list, OWASP ASVS, NIST SP
800-63B-4 and OWASP's testing guide. Made by \`npm test && npm run conformance\` from the names and results of the tests;
do not edit.

## What must hold

ASVS is OWASP ASVS 5.0.0, SMCS the OWASP Session Management Cheat Sheet, WSTG the OWASP Web Security Testing Guide, NIST is
SP 800-63B-4, and a bare § is a section of the RFC 6265bis draft. Other names are the projects whose own tests ask for it.
*Needs*: a cookie alone cannot hold this, see [sealed cookies](sealed-cookies.md). The last columns have how many tests of
the row passed on each runtime: files named \`.node.test.ts\` run on Node only, \`.workerd.test.ts\` on workerd only.

${table(['row', 'requirement', 'source', 'shown by', ...RUNTIMES], rowLines(sources, results))}

## In each store

The rows that concern a store, with sessions in each, in two managers as on two machines. *Passed* is a real server or
binding; *refused*: the store cannot, and asking for it is a \`TypeError\` that says so; *not promised*: the store declares
that of two writes that race the last one stays. workerd's own KV is never late: what the real one does to rows 15 and 22
is shown by a twin that lags, in row 25. What each promises stands in [stores](stores.md#what-each-can-do).

${table(['row', 'requirement', ...STORES.map((store) => `\`${store}\``)], storeLines(results))}

## ASVS 5.0.0, chapter 7: session management

Every requirement, in our own words. Where it is the application's, the library cannot meet it alone; rows are those of the
first table.

${table(HEAD('level'), asvs7.map(requirementLine))}

## ASVS 5.0.0, chapter 9: self-contained tokens

These are sealed cookies, and the access tokens of \`wafer-session/jwt\`.

${table(HEAD('level'), asvs9.map(requirementLine))}

## NIST SP 800-63B-4, section 5: session management

${table(HEAD('word'), nist5.map(requirementLine))}

## WSTG: session management testing

Scenarios against the demo on workerd over HTTP, in [${WSTG_FILE}](../${WSTG_FILE}).

${table(['number', 'about', 'scenarios', 'passed'], wstgLines(sources, results))}
`
}

const HEAD = (strength: string) => ['number', strength, 'asks', 'whose', 'answer', 'shown by']

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n')
}

function rowLines({ filesByRow }: Sources, results?: readonly Result[]): string[][] {
  return requirements.map(([text, source], i) => {
    const files = [...(filesByRow.get(i + 1) ?? [])]
    const need = needs[i + 1]
    const links = files.map((file) => `[${file.slice('test/'.length)}](../${file})`)
    const shown = [
      ...(links.length === 0 ? ['**no test yet**'] : links),
      ...(need ? [`*needs* ${need}`] : []),
    ]
    const cells = RUNTIMES.map((runtime) =>
      results === undefined
        ? expected(files, runtime)
        : outcome(results.filter((one) => one.runtime === runtime && names(one, i + 1))),
    )
    return [String(i + 1), text, source, shown.join('<br>'), ...cells]
  })
}

function names({ path }: Result, row: number): boolean {
  return path.some((title) => rowsOf(title).includes(row))
}

/** Whether there must be a result: by the names of the files. */
function expected(files: readonly string[], runtime: Runtime): string {
  const runs = (file: string) => {
    if (file.endsWith('.node.test.ts')) return runtime === 'Node'
    return !file.endsWith('.workerd.test.ts') || runtime === 'workerd'
  }
  return files.some(runs) ? SOME : '–'
}

function storeLines(results: readonly Result[] = []): string[][] {
  return inStores(results).map(([row, cells]) => [String(row), requirements[row - 1]?.[0] ?? '', ...cells])
}

function requirementLine({ number, strength, asks, whose, answer, rows, files }: Requirement): string[] {
  const shown = [
    ...(rows ? [`${rows.length > 1 ? 'rows' : 'row'} ${rows.join(', ')}`] : []),
    ...(files ?? []).map(link),
  ]
  return [number, strength, asks, whose, answer, shown.join('<br>')]
}

function link(file: string): string {
  const [path = '', anchor] = file.split('#')
  const name = path.replace(/^(?:test|docs)\//, '')
  const to = path.startsWith('docs/') ? path.slice('docs/'.length) : `../${path}`
  return `[${name}](${to}${anchor === undefined ? '' : `#${anchor}`})`
}

function wstgLines(sources: Sources, results?: readonly Result[]): string[][] {
  return Object.entries(wstg).map(([number, about]) => {
    const scenarios = scenariosIn(sources.wstg, number)
    const ran = results?.filter(({ path }) => path.at(-1)?.startsWith(`${number}:`))
    return [
      number,
      about,
      scenarios.join('<br>').replaceAll('%s', '…'),
      ran === undefined ? SOME : outcome(ran),
    ]
  })
}
