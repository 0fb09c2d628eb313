import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { OURS } from '../peers.ts'
import type { Scenario } from '../requests/runner.ts'
import { startWorkerd } from '../requests/workerd.ts'
import { rounded, type Table } from '../table.ts'

const MARKS = [100_000, 250_000, 500_000, 1_000_000]
const MEGABYTE = 2 ** 20

/** What a process holds on to that is asked a million times; nothing is timed here, so both run at once. */
export async function memory(): Promise<Table> {
  const [heap, resident] = await Promise.all([nodeHeap(), workerdResident()])
  return {
    title: 'Megabytes after so many requests of every kind',
    columns: ['requests', 'Node: heap after collection', 'workerd: resident'],
    rows: MARKS.map((mark, at) => [mark.toLocaleString('en'), heap[at] ?? '-', resident[at] ?? '-']),
    notes: ['On Node a new hour and a new secret come every 5,000 requests.'],
  }
}

async function nodeHeap(): Promise<number[]> {
  const file = fileURLToPath(new URL('child.ts', import.meta.url))
  const child = spawn(process.execPath, ['--expose-gc', file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const sizes: number[] = []
  for (const mark of MARKS) {
    child.stdin.write(`${mark}\n`)
    const { value } = await answers.next()
    sizes.push(rounded(Number(value) / MEGABYTE))
  }
  child.stdin.end()
  await once(child, 'exit')
  return sizes
}

/** Only Linux tells. */
async function workerdResident(): Promise<number[]> {
  if (process.platform !== 'linux') return []
  const scenarios: readonly Scenario[] = ['read', 'write', 'forged', 'sign-in', 'anonymous']
  const batch = { bytes: 133, requests: 2000, inFlight: 8 }
  const { hosts, pid, stop } = await startWorkerd([OURS])
  const sizes: number[] = []
  let sent = 0
  for (const mark of MARKS) {
    for (; sent < mark; sent += batch.requests) {
      await hosts.get(OURS)?.time({ ...batch, scenario: scenarios[(sent / batch.requests) % 5] ?? 'read' })
    }
    const [, kilobytes] = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    sizes.push(Math.round(Number(kilobytes) / 1024))
  }
  await stop()
  return sizes
}
