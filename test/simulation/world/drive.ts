import { INVARIANTS } from '../invariants/index.ts'
import { Random } from '../runtime/random.ts'
import { atRest } from '../runtime/stage.ts'
import { type Call, isOrphan } from '../stores/gate.ts'
import { type Browser, newBrowser } from './browser.ts'
import type { App, Brings } from './exchange.ts'
import { APPS, COOKIES } from './isolate.ts'
import type { Life } from './life.ts'
import { TIMEOUTS } from './modes.ts'
import { THEMES, type Theme } from './themes.ts'
import type { World } from './world.ts'

/** Milliseconds that a request, its response included, is on its way at most; a browser or a proxy gives up then. */
const PATIENCE = 20_000

/** Milliseconds after which a store call that nobody waits for any more has landed, or never will. */
const LINGER = 8000

/** Seconds for which marks are kept longer than any session, and what clocks differ by. */
const LONGEST_MARK = 300

const BRINGS: Readonly<Record<Brings, number>> = {
  jar: 88,
  nothing: 5,
  garbage: 2,
  tampered: 2,
  doubled: 3,
  swapped: 2,
}

/** Plays a world by its seed: what happens next is drawn, until all requests were sent and everything is at rest. */
export class Driver {
  readonly #world: World
  readonly #random: Random
  readonly #browsers: Browser[]
  #left: number
  /** Time has passed since the last request: enough of it. */
  #hasPaused = false
  #last: { readonly browser: Browser; readonly app: App } | undefined

  constructor(world: World) {
    this.#world = world
    this.#random = new Random(world.setting.seed, 'driver')
    const { browsers, thieves, requests } = world.setting
    this.#left = requests
    const all = [...Array(browsers).keys()].map((i) =>
      newBrowser(world, `b${i}`, `user${this.#random.below(2)}`, false),
    )
    const bad = [...Array(thieves).keys()].map((i) => newBrowser(world, `t${i}`, 'mallory', true))
    this.#browsers = [...all, ...bad]
  }

  async play(): Promise<void> {
    const world = this.#world
    while (world.violations.length === 0 && (this.#left > 0 || this.#isBusy)) await this.#step()
    if (world.violations.length === 0) await this.#finish()
  }

  get #theme(): Theme {
    return THEMES[this.#world.setting.theme]
  }

  get #isBusy(): boolean {
    const { atWork, onTheirWay, gate } = this.#world
    return atWork.size > 0 || onTheirWay.size > 0 || gate.waiting.length > 0
  }

  async #step(): Promise<void> {
    const { atWork, onTheirWay, gate, setting } = this.#world
    const room = this.#left > 0 && atWork.size < setting.atOnce
    const slack = this.#slack()
    const next = this.#random.weighted({
      release: gate.waiting.length > 0 ? 60 : 0,
      begin: room ? (this.#isBusy ? this.#theme.rush : 30) : 0,
      deliver: onTheirWay.size > 0 ? 25 : 0,
      wait: this.#isBusy && slack > 0 ? 4 : 0,
      pause: this.#isBusy || this.#hasPaused ? 0 : 45,
      steal: setting.thieves > 0 ? this.#theme.thefts : 0,
      restart: 2,
      jump: setting.skew > 0 ? 1 : 0,
      rotate: setting.rotates && !this.#isBusy ? 8 : 0, // A request of the last deployment is not minutes old.
      stuck: this.#isBusy && gate.waiting.length === 0 && onTheirWay.size === 0 ? 1 : 0,
    })
    if (next === 'pause') this.#hasPaused = true
    if (next === 'begin') this.#hasPaused = false
    await this.#do(next, slack)
  }

  async #do(next: string, slack: number): Promise<void> {
    const world = this.#world
    if (next === 'release') await this.#release()
    if (next === 'begin') await this.#begin()
    if (next === 'deliver') this.#deliver()
    if (next === 'wait') await world.pass(Math.min(slack, this.#random.pick([1, 200, 1100, 2500])))
    if (next === 'stuck') await world.pass(Math.max(1, (world.timers.next ?? world.now) - world.now))
    if (next === 'pause')
      await world.pass(Number(this.#random.weighted(this.#theme.pauses)) + this.#random.below(1000))
    if (next === 'steal') this.#steal()
    if (next === 'restart') this.#random.pick(world.isolates).restart()
    if (next === 'jump') this.#random.pick(world.isolates).skew = world.drawSkew()
    if (next === 'rotate') this.#rotate()
  }

  /** Milliseconds that may pass before something that is on its way has been so for too long. */
  #slack(): number {
    const { atWork, onTheirWay, gate, now } = this.#world
    const sent = [...atWork, ...onTheirWay].map(({ asked }) => asked.begun.at + PATIENCE)
    const calls = gate.waiting.filter(isOrphan).map(({ since }) => since + LINGER)
    return Math.min(...sent, ...calls, Number.POSITIVE_INFINITY) - now
  }

  async #release(): Promise<void> {
    const { gate, setting } = this.#world
    const call = this.#random.pick(gate.waiting)
    const isFaulty = this.#random.chance(setting.faults)
    const outcome = isFaulty ? this.#random.weighted(setting.faultKinds) : 'ok'
    await this.#world.release(call, outcome === 'garbage' && call.isWrite ? 'fails-after' : outcome)
  }

  #deliver(): void {
    const { onTheirWay, setting, now } = this.#world
    const exchange = this.#random.pick([...onTheirWay])
    const isLate = now - exchange.asked.begun.at > PATIENCE
    this.#world.deliver(exchange, isLate || this.#random.chance(setting.lostResponses))
  }

  async #begin(): Promise<void> {
    this.#left--
    const random = this.#random
    // A page is a burst of requests of one browser.
    const last = random.chance(500) ? this.#last : undefined
    const chosen = last?.browser ?? random.pick(this.#browsers)
    const app: App = last?.app ?? (random.chance(850) ? 'a' : 'b')
    this.#last = { browser: chosen, app }
    const brings = random.weighted(BRINGS)
    const operation = random.weighted(this.#wishes(chosen, app))
    const isolate = random.below(this.#world.isolates.length)
    await this.#world.begin({
      browser: chosen,
      app,
      isolate,
      operation,
      brings,
      header: this.#header(chosen, app, brings),
    })
  }

  /** Whoever is nobody signs in, mostly; a thief wants something else. */
  #wishes({ jar, isThief }: Browser, app: App): Theme['operations'] {
    const { operations } = this.#theme
    if (isThief) return { ...operations, signIn: 1, halfSignIn: 0, signOut: 1, revokeOthers: 8 }
    const life = this.#world.ledger.cookies.get(jar.get(COOKIES[app]) ?? '')?.life
    if (life?.isChallenged) return { ...operations, takeChallenge: 90 }
    if (life?.isPending) return { ...operations, reauthenticate: 80 }
    if (life?.user === undefined) return { ...operations, signIn: 120 }
    return life.ended ? { ...operations, signIn: 40 } : operations
  }

  #header(from: Browser, app: App, brings: Brings): string {
    const random = this.#random
    const value = from.jar.get(COOKIES[app])
    const given = from.given.filter((one) => one.app === app).map((one) => one.value)
    const other = from.jar.get(COOKIES[app === 'a' ? 'b' : 'a'])
    const pair = (text: string) => `${COOKIES[app]}=${text}`
    if (brings === 'nothing') return ''
    if (brings === 'garbage')
      return pair(random.pick(['', 'x', 'AA', '%00', 'A'.repeat(92), 'é', '"', `${value}=`]))
    if (value === undefined) return brings === 'swapped' && other !== undefined ? pair(other) : ''
    if (brings === 'tampered') return pair(flipped(value, random.below(value.length)))
    if (brings === 'doubled') return `${pair(value)}; ${pair(random.pick(given) ?? value)}`
    return pair(brings === 'swapped' ? (other ?? value) : value)
  }

  /** A copy of one cookie of somebody else. */
  #steal(): void {
    const world = this.#world
    const thief = this.#random.pick(this.#browsers.filter(({ isThief }) => isThief))
    const victim = this.#random.pick(this.#browsers.filter(({ isThief }) => !isThief))
    const app = this.#random.pick(APPS)
    const value = victim.jar.get(COOKIES[app])
    // A copy is worth something only when it is kept for a while.
    const kept = world.ledger.cookies.get(thief.jar.get(COOKIES[app]) ?? '')?.life
    if (kept !== undefined && kept.ended === undefined && this.#random.chance(850)) return
    const life = value === undefined ? undefined : world.ledger.cookies.get(value)?.life
    if (value === undefined || life === undefined) return
    world.step++
    world.count('thefts')
    world.note(`${thief.name} copies the cookie ${app} of ${victim.name}`, undefined)
    thief.jar.set(COOKIES[app], value)
    thief.given.push({ app, value })
    thief.known.add(`${life.app} ${life.part}`)
    for (let next: Life | undefined = life; next !== undefined; next = next.successor) next.isHonest = false
  }

  /** One isolate at a time gets the next list of secrets, and none before all others have the one before. */
  #rotate(): void {
    const { isolates, secrets } = this.#world
    const least = Math.min(...isolates.map(({ deployed }) => deployed))
    const behind = isolates.filter(({ deployed }) => deployed === least && deployed < secrets.length - 1)
    const isolate = behind[0]
    if (isolate === undefined) return
    this.#world.count('deployments of secrets')
    isolate.deployed++
    isolate.restart()
  }

  /** Everything is at rest: what must hold now, and when all time is over. */
  async #finish(): Promise<void> {
    const world = this.#world
    world.current = undefined
    for (const { name, over } of INVARIANTS) {
      const message = over && (await this.#through(over(world)))
      if (message !== undefined) world.fail(name, message)
    }
    await world.pass((TIMEOUTS.rememberAbsolute + LONGEST_MARK) * 1000)
    const left = await world.site.left()
    if (left > 0) world.fail('all-is-forgotten', `${left} records are there when everything is over.`)
    for (const from of this.#browsers) {
      for (const app of APPS) {
        if (from.jar.get(COOKIES[app]) === undefined) continue
        const exchange = await world.begin({
          browser: from,
          app,
          isolate: 0,
          operation: 'read',
          brings: 'jar',
          header: this.#header(from, app, 'jar'),
        })
        await this.#through(exchange.settled)
        world.deliver(exchange, true)
      }
    }
  }

  /** Lets every call through until something is done. */
  async #through<T>(work: T | Promise<T>): Promise<T> {
    const { gate } = this.#world
    await atRest()
    while (gate.waiting.length > 0) await this.#world.release(gate.waiting[0] as Call, 'ok')
    return work
  }
}

/** The same with one character changed. */
function flipped(value: string, at: number): string {
  return value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
}
