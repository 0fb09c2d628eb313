import { createSessionManager, generateSecret, type Session } from '../../src/index.ts'
import { PAYLOAD, payloadOf } from '../payload.ts'
import type { CreateApp } from '../peers/peer.ts'
import { PEERS } from '../peers.ts'
import type { Table } from '../table.ts'
import { SECRET, Visitor } from '../visitor.ts'

const SIZES = [133, 1024, 3072]
const IN_THE_COOKIE = [
  'wafer-session',
  'hono-session',
  'iron-session',
  'hono-sessions',
  'jose',
  'better-auth',
  'h3',
  'remix-session',
  'hono-cookie',
]

/** What a browser sends back: names, values and what is between them, for sessions of three sizes. */
export async function cookieBytes(): Promise<Table> {
  const rows: (string | number)[][] = []
  for (const peer of IN_THE_COOKIE) {
    const { default: createApp }: { default: CreateApp } = await import(`../peers/${peer}.ts`)
    const sizes: number[] = []
    for (const size of SIZES) sizes.push(await bytesOf(createApp, size))
    rows.push([PEERS[peer]?.title ?? peer, ...sizes])
  }
  return {
    title: 'Cookie, bytes of name=value, by bytes of JSON',
    columns: ['', ...SIZES.map(String)],
    rows,
    notes: [
      `wafer-session without a sign-in, all of the 133 bytes as data: ${await anonymousBytes()}; to reach: 300.`,
    ],
  }
}

async function bytesOf(createApp: CreateApp, size: number): Promise<number> {
  const visitor = new Visitor(await createApp({ secret: SECRET, payload: payloadOf(size) }))
  await visitor.send('POST', '/sign-in')
  return visitor.header.length
}

async function anonymousBytes(): Promise<number> {
  const manager = createSessionManager({ secret: generateSecret() })
  const session: Session = await manager.open(new Request('https://example.test/'))
  Object.assign(session.data, PAYLOAD)
  const [line = ''] = await manager.commit(session)
  return line.indexOf(';')
}
