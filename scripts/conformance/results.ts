import { existsSync, readFileSync } from 'node:fs'

/** As docs/conformance.md has its columns; scripts/check.ts leaves a report of each. */
export const RUNTIMES = ['Node', 'workerd', 'Deno', 'Bun'] as const
export type Runtime = (typeof RUNTIMES)[number]

/** A test that ran. */
export interface Result {
  readonly runtime: Runtime
  /** The titles of what it stands in, outermost first, and its own. */
  readonly path: readonly string[]
  readonly passed: boolean
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}

/** @throws {Error} When a report is missing: `npm test` makes all of them. */
export function readResults(folder: string): Result[] {
  return RUNTIMES.flatMap((runtime) => {
    const file = `${folder}/test-${runtime.toLowerCase()}.json`
    if (!existsSync(file)) throw new Error(`${file} is missing: run npm test first.`)
    const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
    return testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ ancestorTitles, title, status }) => ({
        runtime,
        path: [...ancestorTitles, title],
        passed: status === 'passed',
      }))
  })
}

/** What a cell says of them: how many passed, or in bold how many did not. */
export function outcome(results: readonly Result[]): string {
  const failed = results.filter(({ passed }) => !passed).length
  if (results.length === 0) return '–'
  return failed === 0 ? `${results.length}` : `**${failed} of ${results.length} failed**`
}
