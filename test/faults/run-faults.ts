import { setTimeout as sleep } from 'node:timers/promises'
import { generateSecret } from 'wafer-session'
import { counted, until } from './counted.ts'
import { CLIENT_NAMES, startInstance } from './instances.ts'
import { Ledger } from './ledger/ledger.ts'
import { startLoad } from './load.ts'
import { type RedisPlace, redisPlace } from './redis-place.ts'
import type { Send } from './user.ts'

export interface RunOptions {
  /** How often each fault happens, or for how long they go on. */
  readonly rounds?: number
  readonly minutes?: number
  readonly accounts?: number
  /** Milliseconds that a user thinks at most, and that a fault and the time between two take at most. */
  readonly thinking?: number
  readonly lasting?: number
  readonly between?: number
  readonly onFault?: (name: string, run: FaultFigures) => void
}

/** What became of the faults of a kind. */
export interface FaultFigures {
  times: number
  /** Requests that got an error or no answer. */
  failed: number
  /** Milliseconds from the end of a fault until every client has been served again, the longest. */
  recovery: number
}

export interface RunResult {
  readonly ledger: Ledger
  readonly faults: Readonly<Record<string, FaultFigures>>
}

type During = () => Promise<unknown>
type Fault = (place: RedisPlace, during: During, ledger: Ledger) => Promise<unknown>

const FAULTS: Readonly<Record<string, Fault>> = {
  restarted: (place, during) => place.restart(during),
  paused: (place, during) => place.pause(during),
  'memory full': (place, during) => place.fillMemory(during),
  'connections break': async (place) => place.breakConnections(),
  failover: (place, during, ledger) =>
    place.failover(during, { onLoss: (window) => ledger.failover(window) }),
  'failover, copying late': (place, during, ledger) =>
    place.failover(during, { uncopied: () => sleep(700), onLoss: (window) => ledger.failover(window) }),
}

/** A mix of users on several processes of the application, each with another client, over a Redis that fails now and then. */
export async function runFaults({
  rounds = Number.POSITIVE_INFINITY,
  minutes = Number.POSITIVE_INFINITY,
  accounts = 12,
  thinking = 20,
  lasting = 500,
  between = 200,
  onFault = () => {},
}: RunOptions): Promise<RunResult> {
  const place = await redisPlace()
  const secret = generateSecret()
  const instances = await Promise.all(
    CLIENT_NAMES.map((name) =>
      startInstance(name, place.port, { secret, storeTimeout: 1, renewalTimeout: 25, renewalGrace: 10 }),
    ),
  )
  const ledger = new Ledger({ accounts, devices: 2 })
  const served: number[] = instances.map(() => 0)
  const load = startLoad({ ledger, send: toAny(instances, served), thinking })
  const faults: Record<string, FaultFigures> = {}
  try {
    const end = Date.now() + minutes * 60_000
    for (let round = 0; round < rounds && Date.now() < end; round++) {
      for (const [name, fault] of Object.entries(FAULTS)) {
        if (Date.now() > end) break
        await counted(ledger, 'acknowledged', 100)
        await sleep(Math.random() * between)
        const run = await runOne(fault, { place, ledger, served, lasting })
        faults[name] = sum(faults[name], run)
        onFault(name, run)
      }
    }
    await load.stop()
    await load.audit()
    return { ledger, faults }
  } finally {
    await load.stop()
    await Promise.all(instances.map((instance) => instance.close()))
    await place.stop()
  }
}

interface Run {
  readonly place: RedisPlace
  readonly ledger: Ledger
  /** When each process last answered with something other than an error. */
  readonly served: readonly number[]
  readonly lasting: number
}

async function runOne(fault: Fault, { place, ledger, served, lasting }: Run): Promise<FaultFigures> {
  const failed = ledger.figures.failed
  const during = async () => {
    await sleep(Math.random() * lasting)
    await counted(ledger, 'failed', 5)
  }
  await fault(place, during, ledger)
  const over = Date.now()
  await until(() => served.every((at) => at > over), 'Not every client is served again')
  return { times: 1, failed: ledger.figures.failed - failed, recovery: Math.max(...served) - over }
}

/** As a balancer does it that knows nothing of sessions. */
function toAny(instances: readonly { readonly send: Send }[], served: number[]): Send {
  return async (request) => {
    const i = Math.floor(Math.random() * instances.length)
    const { send } = instances[i] as { readonly send: Send }
    const response = await send(request)
    const usesStore = request.headers.get('cookie') !== ''
    if (usesStore && response.ok) served[i] = Date.now()
    return response
  }
}

function sum(one: FaultFigures = { times: 0, failed: 0, recovery: 0 }, other: FaultFigures): FaultFigures {
  return {
    times: one.times + other.times,
    failed: one.failed + other.failed,
    recovery: Math.max(one.recovery, other.recovery),
  }
}
