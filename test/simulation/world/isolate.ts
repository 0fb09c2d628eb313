import { createSessionManager, type SessionEvent, type SessionManager } from 'wafer-session'
import type { App, Data } from './exchange.ts'
import { type Mode, TIMEOUTS } from './modes.ts'
import type { Setting } from './setting.ts'

export const COOKIES: Readonly<Record<App, string>> = { a: '__Host-a', b: '__Host-b' }
export const APPS: readonly App[] = ['a', 'b']

interface Surroundings {
  readonly now: number
  readonly mode: Mode
  readonly setting: Setting
  /** The lists of secrets, in the order of their deployment. */
  readonly secrets: readonly (readonly string[])[]
  onEvent(event: SessionEvent, app: App): void
}

/** One process of many: managers of its own over the store of all, and a clock that is not quite right. */
export class Isolate {
  readonly index: number
  /** Milliseconds. */
  skew: number
  /** Which list of secrets it has. */
  deployed = 0
  readonly #world: Surroundings
  readonly #place: (clock: () => number) => object
  #store: object
  #managers: Partial<Record<App, SessionManager<Data>>> = {}

  constructor(world: Surroundings, index: number, skew: number, place: (clock: () => number) => object) {
    this.index = index
    this.skew = skew
    this.#world = world
    this.#place = place
    this.#store = this.#connect()
  }

  get clock(): number {
    return this.#world.now + this.skew
  }

  /** Nothing that it remembers is left. */
  restart(): void {
    this.#store = this.#connect()
    this.#managers = {}
  }

  /** Made when the first request comes: most of an isolate's lives have none for the one or the other. */
  manager(app: App): SessionManager<Data> {
    this.#managers[app] ??= this.#start(app)
    return this.#managers[app]
  }

  #connect(): object {
    return this.#place(() => this.clock)
  }

  #start(app: App): SessionManager<Data> {
    const { mode, setting, secrets } = this.#world
    const limit = mode.inStore ? setting.sessionsPerUser : undefined
    return createSessionManager<Data>({
      secret: secrets[this.deployed] as readonly string[],
      cookie: { name: COOKIES[app] },
      idleTimeout: TIMEOUTS.idle,
      absoluteTimeout: TIMEOUTS.absolute,
      remember: { idleTimeout: TIMEOUTS.rememberIdle, absoluteTimeout: TIMEOUTS.rememberAbsolute },
      ...(mode.inStore && mode.isStrong && { renewalTimeout: TIMEOUTS.renewal }),
      renewalGrace: TIMEOUTS.grace,
      onReuse: setting.onReuse,
      onStoreError: setting.onStoreError,
      storeTimeout: TIMEOUTS.store,
      ...(limit && { sessionsPerUser: limit }),
      clock: () => this.clock,
      onEvent: (event) => this.#world.onEvent(event, app),
      ...this.#store,
    })
  }
}
