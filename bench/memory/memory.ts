import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { rounded, type Table } from '../table.ts'

const MARKS = [100_000, 250_000, 500_000, 1_000_000]
const MEGABYTE = 2 ** 20

/** The heap of a Node process that is asked a million times, with 200 hours and 200 secrets on the way. */
export async function memory(): Promise<Table> {
  const file = fileURLToPath(new URL('child.ts', import.meta.url))
  const child = spawn(process.execPath, ['--expose-gc', file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const rows: (string | number)[][] = []
  for (const mark of MARKS) {
    child.stdin.write(`${mark}\n`)
    const { value } = await answers.next()
    rows.push([`${mark.toLocaleString('en')} requests`, rounded(Number(value) / MEGABYTE)])
  }
  child.stdin.end()
  await once(child, 'exit')
  return {
    title: 'Heap of a Node process after collection, MB (a new hour and a new secret every 5,000 requests)',
    columns: ['after', 'MB'],
    rows,
  }
}
