import type { Session, SessionEvent, SessionManager } from 'wafer-session'
import { SessionError } from 'wafer-session'
import { CHECKS } from '../invariants/checks.ts'
import type { Checkpoint } from '../invariants/invariant.ts'
import { Random } from '../runtime/random.ts'
import { atRest, setStage, twin } from '../runtime/stage.ts'
import { VirtualTimers } from '../runtime/virtual-timers.ts'
import { type Call, Gate, isOrphan, type Outcome } from '../stores/gate.ts'
import { type App, type Asked, type Data, Exchange } from './exchange.ts'
import { Isolate } from './isolate.ts'
import { Ledger } from './ledger.ts'
import type { Life } from './life.ts'
import { MODES, type Mode, type Site } from './modes.ts'
import { observe } from './observe.ts'
import { OPERATIONS } from './operations.ts'
import type { Setting } from './setting.ts'

export interface Violation {
  readonly invariant: string
  readonly message: string
  readonly step: number
}

const START = Date.UTC(2026, 0, 1)

/** Isolates, browsers and a store, and the one hand that lets things happen, one after the other. */
export class World {
  now = START
  step = 0
  /** Whose code is running. */
  current: Exchange | undefined
  readonly setting: Setting
  readonly mode: Mode
  /** For what handlers and stores choose; the driver has its own. */
  readonly random: Random
  readonly gate: Gate
  readonly timers: VirtualTimers
  readonly ledger: Ledger
  readonly isolates: Isolate[]
  readonly site: Site
  readonly secrets: readonly (readonly string[])[]
  /** Sent, and without an answer. */
  readonly atWork = new Set<Exchange>()
  /** Answered, and the response is on its way. */
  readonly onTheirWay = new Set<Exchange>()
  readonly violations: Violation[] = []
  readonly counts = new Map<string, number>()
  /** A line for every step, where somebody wants to read it. */
  readonly trace: string[] = []
  readonly isTraced: boolean
  /** The last step at which a write landed whose request had its answer already. */
  lateWrite = 0
  #exchanges = 0

  constructor(setting: Setting, isTraced: boolean) {
    this.setting = setting
    this.isTraced = isTraced
    this.mode = MODES[setting.mode]
    this.random = new Random(setting.seed, 'world')
    this.timers = new VirtualTimers(this)
    setStage({ random: new Random(setting.seed, 'bytes'), timers: this.timers })
    this.gate = new Gate(this)
    this.ledger = new Ledger(this)
    const [old, fresh] = [secret(this.random), secret(this.random)]
    this.secrets = [[old], [old, fresh], [fresh, old]]
    const now = () => this.now
    this.site = this.mode.site({ gate: this.gate, random: new Random(setting.seed, 'stores'), now })
    this.isolates = Array.from({ length: setting.isolates }, (_, index) => {
      return new Isolate(this, index, this.drawSkew(), (clock) => this.site.place(clock))
    })
  }

  /** Milliseconds by which a clock is wrong. */
  drawSkew(): number {
    const { skew } = this.setting
    return skew === 0 ? 0 : this.random.between(-skew, skew)
  }

  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by)
  }

  note(what: string, exchange: Exchange | undefined = this.current): void {
    if (!this.isTraced) return
    const { id, browser, isolate } = exchange?.asked ?? {}
    const who = exchange === undefined ? '' : `i${isolate} ${browser?.name} #${id} `
    this.trace.push(`${String(this.step).padStart(4)} ${clockText(this.now - START)} ${who}${what}`)
  }

  at({ asked }: Exchange): { manager: SessionManager<Data>; user: string } {
    const isolate = this.isolates[asked.isolate] as Isolate
    return { manager: isolate.manager(asked.app), user: asked.browser.user }
  }

  /** Sends a request. */
  async begin(asked: Omit<Asked, 'id' | 'begun'>): Promise<Exchange> {
    this.step++
    const clock = this.isolates[asked.isolate]?.clock ?? 0
    const begun = { step: this.step, at: this.now, clock }
    const exchange = new Exchange({ ...asked, id: ++this.#exchanges, begun })
    this.count('requests')
    this.count(`does ${asked.operation}`)
    this.atWork.add(exchange)
    this.current = exchange
    this.note(`${asked.app} ${asked.operation}, brings ${asked.brings}`)
    const before = { calls: twin.calls }
    this.#run(exchange)
    await atRest()
    exchange.cryptoCalls = twin.calls - before.calls
    this.check('begun', exchange)
    return exchange
  }

  /** Lets a store call through. */
  async release(call: Call, outcome: Outcome): Promise<void> {
    this.step++
    this.count('store calls')
    if (outcome !== 'ok') this.count(`fault ${outcome}`)
    this.current = call.exchange
    const life = call.exchange?.life
    if (call.isWrite && life?.mayBeOver) life.isWrittenLate = true
    if (call.isWrite && isOrphan(call)) this.lateWrite = this.step
    if (outcome === 'garbage') this.ledger.spoils(call.key)
    call.go(outcome)
    if (call.isWrite && call.exchange?.isTroubled) this.ledger.falters(call.exchange)
    await atRest()
  }

  /** The response reaches its browser, or is lost. */
  deliver(exchange: Exchange, isLost: boolean): void {
    this.step++
    this.onTheirWay.delete(exchange)
    this.note(isLost ? 'the response is lost' : 'the response arrives', exchange)
    const { response } = exchange.settled ?? {}
    if (isLost) {
      this.count('responses lost')
      if (exchange.isMoving && exchange.life !== undefined) exchange.life.isHonest = false
    } else if (response !== undefined) {
      this.ledger.arrives(exchange, response)
      exchange.asked.browser.jar.store(response)
    }
  }

  /** Lets time pass, and the timers ring that are due then. */
  async pass(milliseconds: number): Promise<void> {
    this.step++
    this.current = undefined
    const until = this.now + milliseconds
    for (let next = this.timers.next; next !== undefined && next <= until; next = this.timers.next) {
      this.now = Math.max(this.now, next)
      await this.#ring()
    }
    this.now = until
    this.note('time passes')
  }

  onEvent(event: SessionEvent, app: App): void {
    const detail = 'reason' in event ? ` ${event.reason}` : ''
    this.note(`event ${event.type}${detail}`)
    this.count(`event ${event.type}`)
    if (event.type === 'store-error' && this.current !== undefined) this.current.storeErrors++
    this.ledger.event(event, app, this.current)
  }

  check(checkpoint: Checkpoint, exchange: Exchange, life?: Life): void {
    for (const { name, check } of CHECKS[checkpoint]) {
      const message = check(exchange, this, life as Life)
      if (typeof message === 'string') this.fail(name, message, exchange)
    }
  }

  fail(invariant: string, message: string, exchange?: Exchange): void {
    this.violations.push({ invariant, message, step: this.step })
    this.note(`VIOLATION of ${invariant}: ${message}`, exchange)
  }

  /** One round of timers whose time has come. */
  async #ring(): Promise<void> {
    for (let ring = this.timers.take(); ring !== undefined; ring = this.timers.take()) {
      this.current = ring.owner as Exchange | undefined
      if (this.current !== undefined) this.current.timeouts++
      this.count('timeouts')
      this.note('a timer rings')
      ring.call()
      await atRest()
    }
  }

  #run(exchange: Exchange): void {
    const { manager } = this.at(exchange)
    const { operation, header } = exchange.asked
    const headers = header === '' ? {} : { Cookie: header }
    const request = new Request('https://example.test/', { method: 'POST', headers })
    const handler = async (session: Session<Data>) => {
      exchange.session = session
      exchange.opened = observe(session, this.isolates[exchange.asked.isolate]?.clock ?? 0)
      exchange.life = session.isNew ? undefined : this.ledger.life(exchange.asked.app, session.id)
      this.note(
        `opens ${session.userId ?? (session.pending ? 'half a sign-in' : session.isNew ? 'nothing' : 'an anonymous session')}`,
      )
      this.check('opened', exchange)
      const status = await OPERATIONS[operation](session, exchange, this)
      return new Response(null, { status: status ?? 200 })
    }
    manager.handle(request, handler).then(
      (response) => this.#settle(exchange, { response }),
      (error: unknown) => this.#settle(exchange, { error }),
    )
  }

  #settle(exchange: Exchange, result: { response: Response } | { error: unknown }): void {
    const clock = this.isolates[exchange.asked.isolate]?.clock ?? 0
    exchange.settled = { step: this.step, at: this.now, clock, ...result }
    this.atWork.delete(exchange)
    this.onTheirWay.add(exchange)
    for (const done of exchange.onDone) done(exchange.isKept)
    this.ledger.issues(exchange)
    const error = 'error' in result ? result.error : undefined
    const code = error instanceof SessionError ? error.code : (error as Error | undefined)?.name
    this.note(code ?? `answers ${exchange.settled.response?.status}`, exchange)
    if (code !== undefined) this.count(`throws ${code}`)
    this.check('settled', exchange)
  }
}

function secret(random: Random): string {
  const bytes = new Uint8Array(33)
  random.fill(bytes)
  return Buffer.from(bytes).toString('base64url')
}

function clockText(milliseconds: number): string {
  return `+${(milliseconds / 1000).toFixed(3).padStart(9)}`
}
