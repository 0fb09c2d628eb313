/**
 * `npm run bench`: wafer-session beside its peers, measured here and now.
 *
 * `npm run bench -- requests workerd` does one part on one runtime; `--json` prints JSON; `--chart` draws docs/bench.svg of
 * the requests.
 */
import { bundleSizes } from './bytes/bundle-sizes.ts'
import { cookieBytes } from './bytes/cookie-bytes.ts'
import { writeChart } from './chart.ts'
import { figureTable } from './figure.ts'
import { installPeers } from './install-peers.ts'
import { load } from './load/load.ts'
import { memory } from './memory/memory.ts'
import { RUNTIMES, requestTimes } from './requests/request-times.ts'
import { scale } from './scale/scale.ts'
import { shortcomings } from './shortcomings.ts'
import { storeCalls } from './stores/store-calls.ts'
import { storeTraffic } from './stores/store-traffic.ts'
import { subtleCalls } from './subtle-calls.ts'
import { formatTable, type Table } from './table.ts'

const PARTS = {
  calls: async () => [figureTable('crypto.subtle calls per request', await subtleCalls())],
  stores: async () => [figureTable('Store calls', await storeCalls()), await storeTraffic()],
  bytes: async () => [await cookieBytes(), await bundleSizes()],
  shortcomings: async () => [await shortcomings()],
  requests: async () => (await inTurn(chosen(RUNTIMES), requestTimes)).flat(),
  load,
  memory: async () => [await memory()],
  scale: () => scale(chosen(RUNTIMES)),
}

const words = process.argv.slice(2)
const unknown = words.filter(
  (word) => ![...Object.keys(PARTS), ...RUNTIMES, '--json', '--chart'].includes(word),
)
if (unknown.length > 0) throw new TypeError(`No such part or runtime: ${unknown.join(', ')}.`)

installPeers()
const tables = (await inTurn(chosen(Object.keys(PARTS) as (keyof typeof PARTS)[]), runPart)).flat()
if (words.includes('--chart')) writeChart(tables)
if (words.includes('--json')) console.log(JSON.stringify(tables, null, 2))

async function runPart(name: keyof typeof PARTS): Promise<Table[]> {
  const found = await PARTS[name]()
  if (!words.includes('--json')) for (const table of found) console.log(formatTable(table))
  return found
}

/** Those that the command line names, or all. */
function chosen<Name extends string>(names: readonly Name[]): readonly Name[] {
  const named = names.filter((name) => words.includes(name))
  return named.length > 0 ? named : names
}

/** One after another: they would disturb each other. */
async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (const item of items) results.push(await work(item))
  return results
}
