import { createSessionManager, generateSecret, type SessionManagerOptions } from '../../src/index.ts'
import { kvStore } from '../../src/stores/cloudflare-kv.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { cookieJar, type FakeClock, fakeClock } from '../../src/testing/index.ts'
import { PAYLOAD } from '../payload.ts'
import { PRICES } from '../prices.ts'
import type { Calls } from '../stores/calls.ts'
import { countingStore } from '../stores/counting-store.ts'
import { kvBinding } from '../stores/key-value.ts'
import { rounded, type Table } from '../table.ts'

/** Of one user, who asks for a page every ten seconds for an hour. */
const REQUESTS = 360
const THINKING = 10

export const USERS = 10_000_000
export const REQUESTS_PER_SECOND: number = USERS / THINKING
const SECONDS_PER_MONTH = 30 * 86_400

type Place = Partial<SessionManagerOptions>

interface Mode {
  readonly title: string
  place(calls: Calls, clock: FakeClock): Place
  /** Dollars for a million of each. */
  readonly price: { readonly read: number; readonly write: number }
}

const KV = PRICES.kv
const UPSTASH = { read: PRICES.upstash.command, write: PRICES.upstash.command }
const { request, rowRead, rowWritten } = PRICES.durableObject
/** A write is the record and its alarm; every tenth one also enters the tag anew, and then takes three calls. */
const OBJECTS = { read: request + rowRead, write: 1.2 * (request + rowRead + 2 * rowWritten) }

const kv = (calls: Calls, clock: FakeClock) => kvStore(kvBinding(calls), { clock })
const strong = (calls: Calls, clock: FakeClock) => countingStore(memoryStore({ clock }), calls)

const MODES: readonly Mode[] = [
  { title: 'sealed', place: () => ({}), price: KV },
  { title: 'marks in KV, 60 s', place: (...at) => ({ revocations: kv(...at) }), price: KV },
  {
    title: 'marks in KV, 600 s',
    place: (...at) => ({ revocations: kv(...at), revocationMaxAge: 600 }),
    price: KV,
  },
  { title: 'marks in Upstash, 60 s', place: (...at) => ({ revocations: strong(...at) }), price: UPSTASH },
  { title: 'stored in KV', place: (...at) => ({ store: kv(...at) }), price: KV },
  { title: 'stored in Durable Objects', place: (...at) => ({ store: strong(...at) }), price: OBJECTS },
  { title: 'stored in Upstash', place: (...at) => ({ store: strong(...at) }), price: UPSTASH },
]

/** What one request brings on average. */
export interface Traffic {
  readonly reads: number
  readonly writes: number
  readonly cookies: number
}

export async function traffic(): Promise<ReadonlyMap<string, Traffic>> {
  const found = new Map<string, Traffic>()
  for (const { title, place } of MODES) found.set(title, await browse(place))
  return found
}

export function trafficTable(measured: ReadonlyMap<string, Traffic>): Table {
  const perSecond = (share: number) => Math.round(share * REQUESTS_PER_SECOND).toLocaleString('en')
  return {
    title: `${perSecond(1)} requests/s of ${USERS.toLocaleString('en')} users online, each with a page every ${THINKING} s`,
    columns: ['', 'reads/s', 'writes/s', 'Set-Cookie/s', '$ a million requests', '$ a month'],
    rows: MODES.map(({ title, price }) => {
      const { reads, writes, cookies } = measured.get(title) as Traffic
      const dollars = reads * price.read + writes * price.write
      return [
        title,
        perSecond(reads),
        perSecond(writes),
        perSecond(cookies),
        rounded(dollars),
        monthly(dollars),
      ]
    }),
    notes: [
      `The Workers themselves: $${PRICES.worker.request} a million requests, ${monthly(PRICES.worker.request)} a month.`,
      'KV counts keys: a check of marks reads four, in one call.',
    ],
  }
}

function monthly(dollarsPerMillion: number): string {
  const dollars = (dollarsPerMillion * REQUESTS_PER_SECOND * SECONDS_PER_MONTH) / 1e6
  return (1000 * Math.round(dollars / 1000)).toLocaleString('en')
}

async function browse(place: Mode['place']): Promise<Traffic> {
  const clock = fakeClock()
  const calls = { reads: 0, writes: 0 }
  const sessions = createSessionManager<object>({
    secret: generateSecret(),
    clock,
    ...(place(calls, clock) as object),
  })
  const jar = cookieJar({ clock })
  const visit = (page: string) =>
    jar.request(
      {
        fetch: (request) =>
          sessions.handle(request, (session) => {
            if (page === '/sign-in') Object.assign(session.signIn('u-1') ?? session.data, PAYLOAD)
            if (session.userId === undefined) throw new Error('The user was signed out.')
            return new Response()
          }),
      },
      page,
    )
  await visit('/sign-in')
  Object.assign(calls, { reads: 0, writes: 0 })
  let cookies = 0
  for (let sent = 0; sent < REQUESTS; sent++) {
    clock.advance(THINKING)
    cookies += (await visit('/')).headers.getSetCookie().length
  }
  return { reads: calls.reads / REQUESTS, writes: calls.writes / REQUESTS, cookies: cookies / REQUESTS }
}
