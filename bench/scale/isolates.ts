import { rounded, type Table } from '../table.ts'
import { type CachedRing, freshRing } from './cached-ring.ts'
import type { DerivationTimes } from './derivation-times.ts'
import { random } from './random.ts'

const HOUR = 3600
const DAY = 24 * HOUR

/** Of what is simulated, in seconds. */
const SPAN = 4 * HOUR
const VISITS = 20_000
const REQUESTS_PER_VISIT = 10
const THINKING = 30
/** How long an isolate lives on average; nobody promises a time. */
const ISOLATE_LIFE = HOUR
const ISOLATES = [20, 200, 2_000, 20_000]
const SEED = 1

interface Policy {
  readonly title: string
  /** A cookie of this age, in seconds, is sealed anew. */
  readonly sealedAgainAfter: number
  /** The age of the cookie that a visit begins with; undefined when it begins with a sign-in. */
  cookieAge(share: number): number | undefined
}

/** From half an hour to thirty days, as many in each doubling. */
const returning = (share: number) => (HOUR / 2) * (60 * 24) ** share

const POLICIES: readonly Policy[] = [
  { title: 'defaults', sealedAgainAfter: 180, cookieAge: () => undefined },
  { title: 'remembered for 30 days', sealedAgainAfter: 3 * DAY, cookieAge: returning },
  { title: 'the same, marks every minute', sealedAgainAfter: 60, cookieAge: returning },
]

interface Isolate {
  readonly ring: CachedRing
  readonly end: number
}

/** Of a request: the hours whose keys it had to derive, and whether it was the first of its isolate. */
interface Waits {
  readonly derived: number
  readonly isFirst: boolean
}

interface Request {
  /** Seconds. */
  readonly time: number
  readonly visit: number
  readonly isFirst: boolean
}

/** Users who come, ask for ten pages and go, before isolates that a request meets at random. */
export function isolates(runtime: string, times: DerivationTimes): Table {
  const rows = POLICIES.flatMap((policy) =>
    ISOLATES.map((count) => [policy.title, count.toLocaleString('en'), ...figures(policy, count, times)]),
  )
  return {
    title: `Isolates that live ${ISOLATE_LIFE / HOUR} hour on average, and what the keys they lack add on ${runtime}`,
    columns: [
      '',
      'isolates',
      'requests/h each',
      'keys/h each',
      'requests that wait',
      'mean us',
      'p50',
      'p99',
    ],
    rows,
  }
}

function figures(policy: Policy, count: number, { hour, secret }: DerivationTimes): (string | number)[] {
  const waits = [...simulate(policy, count)]
  const hourly = (amount: number) => rounded(amount / count / (SPAN / HOUR))
  const derived = waits.reduce((sum, { derived }) => sum + derived, 0)
  const added = Float64Array.from(waits, ({ derived, isFirst }) =>
    isFirst ? secret + (derived - 1) * hour : derived * hour,
  ).sort()
  const waiting = added.filter((time) => time > 0).length
  const quantiles = [0.5, 0.99].map((share) => rounded(added[Math.floor(share * added.length)] ?? Number.NaN))
  const mean = added.reduce((sum, time) => sum + time, 0) / added.length
  return [
    hourly(waits.length),
    hourly(derived),
    `${((waiting / waits.length) * 100).toPrecision(2)} %`,
    rounded(mean),
    ...quantiles,
  ]
}

function* simulate(policy: Policy, count: number): Generator<Waits> {
  const next = random(SEED)
  const isolates = Array.from<Isolate | undefined>({ length: count })
  const sealedAt = new Map<number, number>()
  for (const { time, visit, isFirst } of requests(next)) {
    const at = Math.floor(next() * count)
    const known = isolates[at]
    const isolate = known && known.end > time ? known : begin(time, next())
    isolates[at] = isolate
    const age = isFirst ? policy.cookieAge(next()) : time - (sealedAt.get(visit) as number)
    const isDue = age === undefined || age >= policy.sealedAgainAfter
    const opened = age === undefined ? 0 : isolate.ring.need(hourOf(time - age), hourOf(time))
    const sealed = isDue ? isolate.ring.need(hourOf(time), hourOf(time)) : 0
    sealedAt.set(visit, isDue ? time : time - age)
    yield { derived: opened + sealed, isFirst: isolate !== known }
  }
}

function begin(time: number, share: number): Isolate {
  return { ring: freshRing(), end: time - ISOLATE_LIFE * Math.log(1 - share) }
}

/** All requests in their order; a number holds the millisecond and the visit, which sorts fastest. */
function* requests(next: () => number): Generator<Request> {
  const all = new Float64Array(VISITS * REQUESTS_PER_VISIT)
  for (let visit = 0; visit < VISITS; visit++) {
    let time = next() * SPAN
    for (let n = 0; n < REQUESTS_PER_VISIT; n++) {
      all[visit * REQUESTS_PER_VISIT + n] = Math.floor(time * 1000) * VISITS + visit
      time -= THINKING * Math.log(1 - next())
    }
  }
  const begun = new Set<number>()
  for (const request of all.sort()) {
    const visit = request % VISITS
    const isFirst = !begun.has(visit)
    begun.add(visit)
    // Far from the epoch, so that cookies may be older than the simulation.
    yield { time: Math.floor(request / VISITS) / 1000 + 100 * DAY, visit, isFirst }
  }
}

function hourOf(seconds: number): number {
  return Math.floor(seconds / HOUR)
}
