import type { SessionManagerOptions, SessionStore } from 'wafer-session'
import { kvStore } from 'wafer-session/stores/cloudflare-kv'
import { memoryStore } from 'wafer-session/stores/memory'
import type { Random } from '../runtime/random.ts'
import { fakeKV, KVCentre } from '../stores/fake-kv.ts'
import type { Gate } from '../stores/gate.ts'
import { gatedStore } from '../stores/gated-store.ts'
import type { Data } from './exchange.ts'
import type { ModeName } from './mode-names.ts'

interface Surroundings {
  readonly gate: Gate
  readonly random: Random
  /** The true time. */
  readonly now: () => number
}

type Place = Pick<SessionManagerOptions<Data>, 'store' | 'revocations' | 'revocationMaxAge'>

/** A way to keep sessions, and what it promises. */
export interface Mode {
  readonly name: ModeName
  /** Records are in a store, which several requests share. */
  readonly inStore: boolean
  /** The store is strong and compares. */
  readonly isStrong: boolean
  /** Milliseconds after which what has ended opens nothing; null where nothing ends but by time. */
  readonly endsWithin: number | null
  site(surroundings: Surroundings): Site
}

/** The one store of all isolates. */
export interface Site {
  /** What an isolate is given, by its clock. */
  place(clock: () => number): Place
  /** How many records there are. */
  left(): Promise<number>
}

/** Seconds. */
export const TIMEOUTS = {
  idle: 900,
  absolute: 2400,
  rememberIdle: 1500,
  rememberAbsolute: 4000,
  renewal: 130,
  grace: 60,
  checkAge: 40,
  store: 2,
  kv: 60,
}

/** A memory that can be counted. */
function memorySite(now: () => number) {
  const memory = memoryStore({ clock: now })
  const keys = new Set<string>()
  const records: SessionStore = {
    ...memory,
    create(key, value, options) {
      keys.add(key)
      return memory.create(key, value, options)
    },
  }
  const left = async () => {
    const found = await Promise.all([...keys].map((key) => memory.get(key)))
    return found.filter((record) => record !== null).length
  }
  return { records, left }
}

const store: Mode = {
  name: 'store',
  inStore: true,
  isStrong: true,
  endsWithin: 0,
  site({ gate, random, now }) {
    const { records, left } = memorySite(now)
    return { left, place: () => ({ store: gatedStore(records, gate, random) }) }
  },
}

const kv: Mode = {
  name: 'kv-store',
  inStore: true,
  isStrong: false,
  endsWithin: TIMEOUTS.kv * 1000,
  site({ gate, random, now }) {
    const centre = new KVCentre(now)
    const left = async () => centre.names('').length
    return { left, place: (clock) => ({ store: kvStore(fakeKV(centre, gate, random, now), { clock }) }) }
  },
}

const marks: Mode = {
  name: 'sealed-marks',
  inStore: false,
  isStrong: true,
  endsWithin: TIMEOUTS.checkAge * 1000,
  site({ gate, random, now }) {
    const { records, left } = memorySite(now)
    return {
      left,
      place: () => ({
        revocations: gatedStore(records, gate, random),
        revocationMaxAge: TIMEOUTS.checkAge,
      }),
    }
  },
}

const kvMarks: Mode = {
  name: 'sealed-kv-marks',
  inStore: false,
  isStrong: false,
  endsWithin: (TIMEOUTS.checkAge + TIMEOUTS.kv) * 1000,
  site({ gate, random, now }) {
    const centre = new KVCentre(now)
    return {
      left: async () => centre.names('').length,
      place: (clock) => ({
        revocations: kvStore(fakeKV(centre, gate, random, now), { clock }),
        revocationMaxAge: TIMEOUTS.checkAge,
      }),
    }
  },
}

const sealed: Mode = {
  name: 'sealed',
  inStore: false,
  isStrong: false,
  endsWithin: null,
  site: () => ({ place: () => ({}), left: async () => 0 }),
}

/** By name. */
export const MODES: Readonly<Record<ModeName, Mode>> = {
  store,
  'kv-store': kv,
  'sealed-marks': marks,
  'sealed-kv-marks': kvMarks,
  sealed,
}
