import { memoryStore } from '../src/stores/memory.ts'
import { fakeDate } from './fake-date.ts'
import { PAYLOAD, type Payload, payloadOf } from './payload.ts'
import type { CreateApp, Fetch, KeyValue } from './peers/peer.ts'
import { waferApp } from './peers/wafer-session.ts'
import { PEERS } from './peers.ts'
import { keyValue } from './stores/key-value.ts'
import type { Table } from './table.ts'
import { SECRET, Visitor } from './visitor.ts'

const BROWSERS_KEEP = 4096
const LARGE = 8192
const LONG = 30 * 86_400

/** One way to keep sessions, whose every application has stores of its own. */
interface Candidate {
  readonly title: string
  readonly create: (payload: Payload) => Promise<Fetch>
}

/** Looks for one thing that should not be. */
type Check = (candidate: Candidate) => Promise<string | undefined>

const CHECKS: readonly Check[] = [
  acceptsForgery,
  isReadable,
  losesLargeData,
  survivesSignOut,
  outlivesItsTime,
  setsCookieForVisitors,
  setsCookieOnReads,
  logsForgeries,
]

const IN_THE_COOKIE = [
  'hono-session',
  'iron-session',
  'hono-sessions',
  'jose',
  'better-auth',
  'h3',
  'remix-session',
  'hono-cookie',
]
const IN_A_STORE = ['hono-session', 'hono-sessions', 'remix-session', 'express-session']

/** What each way could not do, tried here and now, with the settings that the times are measured with. */
export async function shortcomings(): Promise<Table> {
  const candidates = [
    ours('wafer-session', () => ({})),
    ours('wafer-session, revocations', () => ({ revocations: memoryStore(), revocationMaxAge: 1 })),
    ours('wafer-session, stored', () => ({ store: memoryStore() })),
    ...IN_THE_COOKIE.map((peer) => candidateOf(peer)),
    ...IN_A_STORE.map((peer) => candidateOf(peer, 'stored')),
  ]
  const rows: string[][] = []
  for (const candidate of candidates) {
    const found: (string | undefined)[] = []
    for (const check of CHECKS) found.push(await check(candidate))
    rows.push([candidate.title, found.filter((words) => words !== undefined).join('; ') || '-'])
  }
  return { title: 'What each could not do', columns: ['', 'found'], rows }
}

function ours(title: string, options: () => Parameters<typeof waferApp>[0]): Candidate {
  return { title, create: async (payload) => waferApp(options())({ secret: SECRET, payload }) }
}

function candidateOf(peer: string, stored?: 'stored'): Candidate {
  const title = PEERS[peer]?.title ?? peer
  return {
    title: stored ? `${title}, stored` : title,
    async create(payload) {
      const { default: createApp }: { default: CreateApp } = await import(`./peers/${peer}.ts`)
      const store: KeyValue = keyValue({ reads: 0, writes: 0 })
      return createApp({ secret: SECRET, payload, ...(stored && { store }) })
    },
  }
}

async function signedIn({ create }: Candidate, payload: Payload = PAYLOAD) {
  const fetch = await create(payload)
  const visitor = new Visitor(fetch)
  const response = await visitor.send('POST', '/sign-in')
  return { fetch, visitor, response }
}

async function opens(fetch: Fetch, cookies: Iterable<readonly [string, string]>): Promise<boolean> {
  return (await new Visitor(fetch, cookies).read()) === PAYLOAD.theme
}

/** Every sixteenth character in turn is another one. */
async function acceptsForgery(candidate: Candidate): Promise<string | undefined> {
  const { fetch, visitor } = await signedIn(candidate)
  for (const [name, value] of visitor.cookies) {
    for (let at = 0; at < value.length; at += 16) {
      if (!/\w/.test(value[at] ?? '')) continue
      const forged = value.slice(0, at) + (value[at] === 'Q' ? 'R' : 'Q') + value.slice(at + 1)
      if (await quietly(() => opens(fetch, [...visitor.cookies, [name, forged]])))
        return `accepts a forged ${name}`
    }
  }
  return undefined
}

async function isReadable(candidate: Candidate): Promise<string | undefined> {
  const { visitor } = await signedIn(candidate)
  const values = [...visitor.cookies.values()].map(decodeURIComponent)
  const texts = values.flatMap((value) => [value, ...value.split('.').map((part) => atobOrNothing(part))])
  return texts.some((text) => text.includes(PAYLOAD.userId)) ? 'data in clear' : undefined
}

async function losesLargeData(candidate: Candidate): Promise<string | undefined> {
  const { visitor, response } = await signedIn(candidate, payloadOf(LARGE))
  if (response.status >= 500) return undefined // It says so.
  const sizes = response.headers.getSetCookie().map((line) => line.indexOf(';'))
  const size = Math.max(...sizes)
  if (size > BROWSERS_KEEP) return `sends a cookie of ${size} bytes, which browsers drop`
  return (await visitor.read()) === PAYLOAD.theme ? undefined : 'loses 8 kB without a word'
}

async function survivesSignOut(candidate: Candidate): Promise<string | undefined> {
  const date = fakeDate()
  try {
    const { fetch, visitor } = await signedIn(candidate)
    const stolen = [...visitor.cookies]
    await visitor.send('POST', '/sign-out')
    date.advance(2)
    return (await opens(fetch, stolen)) ? 'a copied cookie outlives sign-out' : undefined
  } finally {
    date.restore()
  }
}

async function outlivesItsTime(candidate: Candidate): Promise<string | undefined> {
  const date = fakeDate()
  try {
    const { fetch, visitor } = await signedIn(candidate)
    date.advance(LONG)
    return (await opens(fetch, visitor.cookies)) ? 'a copied cookie never expires' : undefined
  } finally {
    date.restore()
  }
}

async function setsCookieForVisitors({ create }: Candidate): Promise<string | undefined> {
  const response = await new Visitor(await create(PAYLOAD)).send('GET', '/read')
  return response.headers.getSetCookie().length > 0 ? 'a cookie for every visitor' : undefined
}

async function setsCookieOnReads(candidate: Candidate): Promise<string | undefined> {
  const { visitor } = await signedIn(candidate)
  const response = await visitor.send('GET', '/read')
  return response.headers.getSetCookie().length > 0 ? 'Set-Cookie on every read' : undefined
}

async function logsForgeries(candidate: Candidate): Promise<string | undefined> {
  const { fetch, visitor } = await signedIn(candidate)
  const forged = Array.from(
    visitor.cookies,
    ([name, value]) => [name, value.replace(/\w{8}$/, 'AAAAAAAA')] as const,
  )
  let lines = 0
  await quietly(
    () => opens(fetch, forged),
    () => {
      lines += 1
    },
  )
  return lines > 0 ? 'logs every forged cookie' : undefined
}

/** Keeps what a peer logs off the terminal. */
async function quietly<T>(work: () => Promise<T>, onLine: () => void = () => {}): Promise<T> {
  const { error, warn, log } = console
  Object.assign(console, { error: onLine, warn: onLine, log: onLine })
  try {
    return await work()
  } finally {
    Object.assign(console, { error, warn, log })
  }
}

function atobOrNothing(text: string): string {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return ''
  }
}
