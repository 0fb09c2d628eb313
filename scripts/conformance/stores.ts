import { outcome, type Result } from './results.ts'
import { rowsOf } from './rows.ts'

/** In the order of docs/stores.md; the tests are in test/support/store-rows.ts. */
export const STORES = [
  'memoryStore',
  'durableObjectStore',
  'redisStore',
  'upstashStore',
  'memcachedStore',
  'kvStore',
  'unstorageStore',
] as const

/** What a row of the table of stores has: passed, refused by the library, or not promised by the store. */
export function inStores(results: readonly Result[]): [row: number, cells: string[]][] {
  const inStore = results.filter(({ path }) => storeOf(path) !== undefined)
  const rows = new Set(inStore.flatMap(({ path }) => path.flatMap(rowsOf)))
  return [...rows]
    .sort((a, b) => a - b)
    .map((row) => [
      row,
      STORES.map((store) =>
        cell(
          inStore.filter(
            ({ path }) => storeOf(path) === store && path.some((title) => rowsOf(title).includes(row)),
          ),
        ),
      ),
    ])
}

function storeOf(path: readonly string[]): string | undefined {
  const [first = ''] = path
  return /^sessions in (\w+)$/.exec(first)?.[1]
}

function cell(results: readonly Result[]): string {
  if (results.length === 0) return 'not promised'
  if (results.some(({ passed }) => !passed)) return outcome(results)
  return results.every(({ path }) => path.at(-1)?.includes(': refused ')) ? 'refused' : 'passed'
}
