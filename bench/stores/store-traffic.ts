import { kvStore } from '../../src/stores/cloudflare-kv.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { fakeDate } from '../fake-date.ts'
import { PAYLOAD } from '../payload.ts'
import type { CreateApp } from '../peers/peer.ts'
import { waferApp } from '../peers/wafer-session.ts'
import { PEERS } from '../peers.ts'
import { PRICES } from '../prices.ts'
import { rounded, type Table } from '../table.ts'
import { SECRET, Visitor } from '../visitor.ts'
import type { Calls } from './calls.ts'
import { countingStore } from './counting-store.ts'
import { keyValue, kvBinding } from './key-value.ts'

const REQUESTS = 1000
const SECONDS = 1800

/** Dollars for a million. */
const COSTS = {
  KV: { reads: PRICES.kv.read, writes: PRICES.kv.write },
  Upstash: { reads: PRICES.upstash.command, writes: PRICES.upstash.command },
}

type Vendor = keyof typeof COSTS

interface Case {
  readonly title: string
  readonly on: readonly Vendor[]
  createApp(calls: Calls): CreateApp | Promise<CreateApp>
}

const OURS: readonly Case[] = [
  { title: 'wafer-session, sealed', on: ['KV', 'Upstash'], createApp: () => waferApp({}) },
  {
    title: 'wafer-session, sealed, revocations in KV',
    on: ['KV'],
    createApp: (calls) => waferApp({ revocations: kvStore(kvBinding(calls)) }),
  },
  {
    title: 'wafer-session, sealed, revocations in Upstash',
    on: ['Upstash'],
    createApp: (calls) => waferApp({ revocations: countingStore(memoryStore(), calls) }),
  },
  {
    title: 'wafer-session, stored in KV',
    on: ['KV'],
    createApp: (calls) => waferApp({ store: kvStore(kvBinding(calls)) }),
  },
  {
    title: 'wafer-session, stored in Upstash',
    on: ['Upstash'],
    createApp: (calls) => waferApp({ store: countingStore(memoryStore(), calls) }),
  },
]

const IN_THE_COOKIE = ['hono-session', 'iron-session', 'hono-sessions', 'jose', 'h3', 'remix-session']
const IN_A_STORE = ['hono-session', 'hono-sessions', 'remix-session', 'better-auth-stored', 'express-session']

/** What a signed-in user costs who asks for a page every 1.8 seconds, half an hour long. */
export async function storeTraffic(): Promise<Table> {
  const cases = [
    ...OURS,
    ...IN_A_STORE.map((peer) => peerCase(peer, true)),
    ...IN_THE_COOKIE.map((peer) => peerCase(peer, false)),
  ]
  const rows: (string | number)[][] = []
  for (const found of cases) rows.push(await replay(found))
  return {
    title: `${REQUESTS} requests of one user in ${SECONDS / 60} minutes, and dollars for a million such requests`,
    columns: ['', 'reads', 'writes', 'Set-Cookie', 'on KV', 'on Upstash', ''],
    rows,
  }
}

function peerCase(peer: string, stored: boolean): Case {
  return {
    title: `${PEERS[peer]?.title}, ${stored ? 'stored' : 'in the cookie'}`,
    on: ['KV', 'Upstash'],
    async createApp(calls) {
      const { default: createApp }: { default: CreateApp } = await import(`../peers/${peer}.ts`)
      return (setting) => createApp(stored ? { ...setting, store: keyValue(calls) } : setting)
    },
  }
}

async function replay({ title, on, createApp }: Case): Promise<(string | number)[]> {
  const calls = { reads: 0, writes: 0 }
  const date = fakeDate()
  try {
    const fetch = await (await createApp(calls))({ secret: SECRET, payload: PAYLOAD })
    const visitor = new Visitor(fetch)
    await visitor.send('POST', '/sign-in')
    Object.assign(calls, { reads: 0, writes: 0 })
    const { lines, answered } = await browse(visitor, date.advance)
    const end = answered < REQUESTS ? `signed out at request ${answered + 1}` : ''
    return [title, calls.reads, calls.writes, lines, ...prices(calls, on), end]
  } finally {
    date.restore()
  }
}

/** Until the end, or until the session is gone. */
async function browse(visitor: Visitor, advance: (seconds: number) => void) {
  let lines = 0
  for (let answered = 0; answered < REQUESTS; answered++) {
    advance(SECONDS / REQUESTS)
    const response = await visitor.send('GET', '/read')
    if ((await response.text()) !== PAYLOAD.theme) return { lines, answered }
    lines += response.headers.getSetCookie().length
  }
  return { lines, answered: REQUESTS }
}

function prices(calls: Calls, on: readonly Vendor[]): (number | string)[] {
  return (Object.keys(COSTS) as Vendor[]).map((vendor) => {
    if (!on.includes(vendor)) return '-'
    const { reads, writes } = COSTS[vendor]
    return rounded((calls.reads * reads + calls.writes * writes) / REQUESTS)
  })
}
