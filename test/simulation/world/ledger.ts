import type { Session, SessionEvent, TakenChallenge } from 'wafer-session'
import type { App, Data, Exchange } from './exchange.ts'
import { APPS, COOKIES } from './isolate.ts'
import { type Life, type Moment, newLife, partOf } from './life.ts'
import { TIMEOUTS } from './modes.ts'
import type { World } from './world.ts'

/** A cookie value that a response brought. */
export interface IssuedCookie {
  readonly life: Life
  readonly id: string
  /** JSON text of the data that it was issued with, where it is in the cookie. */
  readonly data: string | false
  /** The isolate's clock. */
  readonly clock: number
  readonly authTime: number | undefined
}

/** What really happened: kept by the requests and their responses alone, so that it can be held against the code. */
export class Ledger {
  readonly lives = new Map<string, Life>()
  readonly cookies = new Map<string, IssuedCookie>()
  readonly taken = new Set<string>()
  /** "Sign out everywhere" that is at work, by app and user. */
  readonly #sweeps = new Map<string, number>()
  /** The latest mark of a user, where there are marks: whoever signs in on a slower clock is from before it. */
  readonly #marks = new Map<string, number>()
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  get now(): Moment {
    return { step: this.#world.step, at: this.#world.now }
  }

  life(app: App, id: string): Life | undefined {
    return this.lives.get(`${app} ${partOf(id)}`)
  }

  livesOf(app: App, user: string): Life[] {
    return [...this.lives.values()].filter((life) => life.app === app && life.user === user)
  }

  /** A sign-in, or half of one. */
  begins(exchange: Exchange, session: Session<Data>, who: Pick<Life, 'user' | 'isPending'>): Life {
    const life = this.#add(exchange, session.id, who)
    const note = () => this.#authenticates(life, session)
    note()
    life.keys.set('owner', undefined)
    if (this.#sweeps.get(sweepOf(life.app, who.user))) life.mayBeOver = true
    if (this.#world.setting.sessionsPerUser?.onExceed === 'evict') this.#makesRoom(exchange, life)
    exchange.onDone.push((isKept) => {
      note() // Where there are marks, the time is settled only when it is written.
      if (!isKept) return
      life.born = this.now
      life.keys.set('owner', this.now)
    })
    return life
  }

  /**
   * A sign-in, a sign-out or a copy that was found, after which the session is over that the cookies are of, whatever it
   * has become, also when the answer to the write that ends it was lost.
   */
  mayEnd(exchange: Exchange): void {
    for (const life of this.#livesIn(exchange)) this.doubt(life)
  }

  /** A write of which the code may not learn that it was done: of several cookies there is no telling which it renewed. */
  falters(exchange: Exchange): void {
    if (bringsOf(exchange.asked.header).length < 2) return
    for (const life of this.#livesIn(exchange)) life.isHonest = false
  }

  /** The sessions that a request is about. */
  #livesIn({ life, asked }: Exchange): Life[] {
    const lives = bringsOf(asked.header).map((value) => this.cookies.get(value)?.life)
    return [life, ...lives].filter((one) => one?.app === asked.app) as Life[]
  }

  /** Something may have ended it, and what it has become. */
  doubt(life: Life): void {
    for (let next: Life | undefined = life; next !== undefined; next = next.successor) next.mayBeOver = true
  }

  /** A new id. */
  moves(exchange: Exchange, session: Session<Data>): void {
    const { life } = exchange
    if (life === undefined) return
    const before = life.id
    const after = session.id
    life.moving++
    this.#authenticates(life, session)
    exchange.isMoving = true
    exchange.onDone.push((isKept) => {
      life.moving--
      life.lastMove = this.#world.now
      this.#authenticates(life, session)
      if (isKept) {
        life.formerIds.set(exchange.opened?.id ?? before, this.now)
        life.id = after
      } else if (exchange.isTroubled) {
        life.mayBeOver = true
        life.isHonest = false
      }
    })
  }

  /** Half a sign-in becomes a whole one, which is another session. */
  completes(exchange: Exchange, session: Session<Data>, half: Life | undefined): void {
    const life = this.begins(exchange, session, { user: half?.user, isPending: false })
    if (half?.mayBeOver) life.mayBeOver = true
    this.mayEnd(exchange)
    exchange.isMoving = true
    for (const [key, since] of half?.keys ?? []) life.keys.set(key, since && undefined)
    life.countsSent = half?.countsSent ?? 0
    if (half?.completions === 0) half.successor = life
    exchange.onDone.push((isKept) => {
      if (half === undefined) return
      life.isHonest &&= half.isHonest
      if (!isKept) half.isHonest &&= !exchange.isTroubled
      if (!isKept) return
      half.completions++
      half.successor = life // Of several that were tried.
      this.#world.check('completed', exchange, half)
    })
  }

  /** @returns What says that it is kept. */
  writes(exchange: Exchange, session: Session<Data>, key: string): () => void {
    session.data[key] = exchange.asked.id
    const life = this.touches(exchange, session)
    life.keys.set(key, undefined)
    const confirm = () => {
      if (this.life(life.app, session.id) === life) life.keys.set(key, this.now)
    }
    exchange.onDone.push((isKept) => isKept && confirm())
    return confirm
  }

  counts(exchange: Exchange, session: Session<Data>): void {
    const life = this.touches(exchange, session)
    life.countsSent++
    exchange.onDone.push((isKept) => isKept && life.counts.push(this.now))
  }

  takes(exchange: Exchange, { value, singleUse }: TakenChallenge): void {
    this.#world.count('challenges taken')
    exchange.taken = { isAgain: this.taken.has(value), singleUse }
    this.taken.add(value)
    this.#world.check('took', exchange)
  }

  /** The store was asked in this request, and said that the session stands. */
  stands(exchange: Exchange): void {
    this.#world.check('stood', exchange)
  }

  /** @returns What says that it is done. */
  sweeps(exchange: Exchange, user: string, except?: Session<Data>): () => void {
    const { app, isolate } = exchange.asked
    const { mode, setting, isolates } = this.#world
    const [from, clock] = [this.now, isolates[isolate]?.clock ?? 0]
    const spared = except && this.life(app, except.id)
    // On a store that is late, what is newer than that may not be seen, or be overwritten by another one's clock.
    const late = mode.isStrong ? 0 : TIMEOUTS.kv * 1000
    const notBefore = (except?.authTime ?? clock) - (mode.isStrong ? 0 : 2 * setting.skew + 1000)
    const isDue = (life: Life) => {
      if (life === spared || life.born === undefined || life.born.step >= from.step) return false
      if (mode.inStore) return life.moving === 0 && changed(life) <= from.at - late
      return life.authentications.every(({ authTime }) => authTime < notBefore)
    }
    const due = this.livesOf(app, user).filter(isDue)
    for (const life of this.livesOf(app, user)) if (life !== spared || !mode.inStore) life.mayBeOver = true
    const name = sweepOf(app, user)
    this.#marks.set(
      name,
      Math.max(this.#marks.get(name) ?? 0, (except?.authTime ?? clock) + TIMEOUTS.store * 1000),
    )
    this.#isSweeping(exchange, name)
    return () => {
      this.#world.count('sweeps')
      // What is listed and cannot be read is left alone: it may be of the other application.
      if (exchange.faults.includes('garbage')) return
      // Who has authenticated meanwhile has done so after the mark.
      for (const life of due) if (mode.inStore || isDue(life)) this.ends(life, 'sweep')
    }
  }

  /** Known to be over from now on, as far as this mode can end anything. */
  ends(life: Life, by: string): void {
    const { mode } = this.#world
    life.mayBeOver = true
    if (mode.endsWithin === null || (!mode.inStore && life.user === undefined)) return
    life.ended ??= { ...this.now, by }
    this.#world.count(`ended by ${by}`)
  }

  /** A record that looks broken is deleted, at the version that was read. */
  spoils(keys: string): void {
    for (const key of keys.split(',')) {
      for (const app of APPS) {
        const life = this.life(app, key)
        if (life !== undefined) Object.assign(life, { mayBeOver: true, isHonest: false })
      }
    }
  }

  event(event: SessionEvent, app: App, exchange: Exchange | undefined): void {
    if (event.type === 'reject') {
      this.#world.count(`reject ${event.reason}`)
      if (exchange !== undefined) this.#refuses(exchange, event.reason)
    }
    if (event.type === 'end') {
      const life = this.life(app, event.sessionId)
      // What is ended under another id than the last one that was confirmed: a record that nobody has the token of.
      if (life !== undefined && event.sessionId === life.id) this.ends(life, event.reason)
    }
    if (event.type === 'renew') this.#renews(event.sessionId, app, exchange)
  }

  #refuses(exchange: Exchange, reason: string): void {
    exchange.rejects.push(reason)
    if (reason === 'reused' && this.#world.setting.onReuse === 'end') this.mayEnd(exchange)
    if (reason.endsWith('-timeout')) for (const life of this.#livesIn(exchange)) life.hasExpired = true
  }

  /**
   * Of two responses the last to arrive wins: one that was sent before the session had another id puts the cookie of a
   * dead id in the place of the new one, or of none after a sign-out, and no server can tell that from a copy. A sealed
   * cookie from before a new authentication is as dead.
   */
  arrives({ asked }: Exchange, response: Response): void {
    const held = this.cookies.get(asked.browser.jar.get(COOKIES[asked.app]) ?? '')
    for (const value of valuesOf(response)) {
      const issued = this.cookies.get(value)
      if (issued === undefined) continue
      const { life } = issued
      const isBefore = !this.#world.mode.inStore && Number(issued.authTime) < Number(held?.authTime)
      const hasLeft = issued.id !== life.id && issued.id !== held?.id
      const hasBecome = life.successor !== undefined && (held === undefined || held.life === life.successor)
      if (!hasLeft && !hasBecome && !(life === held?.life && isBefore)) continue
      this.#world.count('new ids overtaken by an older response')
      life.isHonest = false
    }
  }

  /** The cookies of a response. */
  issues(exchange: Exchange): void {
    const { settled, session, asked } = exchange
    const isSealed = !this.#world.mode.inStore
    for (const value of settled?.response ? valuesOf(settled.response) : []) {
      if (session === undefined) continue
      const life = this.life(asked.app, session.id)
      if (life === undefined) continue
      const data = isSealed && JSON.stringify(exchange.isKept ? session.data : exchange.opened?.data)
      const { id, authTime } = session
      this.cookies.set(value, { life, id, data, clock: settled?.clock ?? 0, authTime })
      asked.browser.given.push({ app: asked.app, value })
      const token = tokenOf(value)
      if (token !== null && !life.tokens.has(token))
        life.tokens.set(token, { id: session.id, replaced: undefined })
    }
  }

  #add(exchange: Exchange, id: string, who: Pick<Life, 'user' | 'isPending'>): Life {
    const { app, browser, isolate } = exchange.asked
    const life = newLife(app, id, this.#world.isolates[isolate]?.clock ?? 0, who)
    this.lives.set(`${app} ${life.part}`, life)
    browser.known.add(`${app} ${life.part}`)
    return life
  }

  /** The session that is there from now on, also of a visitor who had none. */
  touches(exchange: Exchange, session: Session<Data>): Life {
    return (
      this.life(exchange.asked.app, session.id) ??
      this.#add(exchange, session.id, { user: undefined, isPending: false })
    )
  }

  /** Any other session of the user may be evicted for it. */
  #makesRoom(exchange: Exchange, life: Life): void {
    for (const other of this.livesOf(life.app, life.user ?? '')) if (other !== life) other.mayBeOver = true
    this.#isSweeping(exchange, sweepOf(life.app, life.user))
  }

  /** Whoever signs in until it is done may be ended too, and where it failed, what it has begun may go on. */
  #isSweeping(exchange: Exchange, name: string): void {
    this.#sweeps.set(name, (this.#sweeps.get(name) ?? 0) + 1)
    exchange.onDone.push(() => {
      if (!exchange.isTroubled) this.#sweeps.set(name, (this.#sweeps.get(name) ?? 0) - 1)
    })
  }

  #authenticates(life: Life, session: Session<Data>): void {
    const authTime = session.authTime ?? session.pending?.authTime
    if (authTime === undefined || this.life(life.app, session.id) !== life) return
    const { acr } = session
    const mark = this.#world.mode.inStore ? undefined : this.#marks.get(sweepOf(life.app, life.user))
    if (mark !== undefined && authTime <= mark) life.mayBeOver = true
    // A mark of the user is a time: whoever authenticates after it, be it in a session from before, is after it.
    if (!this.#world.mode.inStore && life.ended?.by === 'sweep') life.ended = undefined
    life.authentications.push({ authTime, acr, amr: session.pending?.amr ?? session.amr })
    life.lastStart = Math.max(life.lastStart, authTime)
    life.lastUse = Math.max(life.lastUse, authTime)
  }

  /** The token that came with this request is the one that counts, and all others are from before. */
  #renews(id: string, app: App, exchange: Exchange | undefined): void {
    const life = this.life(app, id)
    const { asked } = exchange ?? {}
    if (life === undefined || exchange === undefined || asked === undefined) return
    this.#world.count('renewals confirmed')
    const tokens = bringsOf(asked.header).map(tokenOf)
    exchange.renewed = tokens.length === 1 ? (tokens[0] ?? undefined) : undefined
    // A clock may have been put back since the request began, and the code goes by the time at which it did.
    const clock = Math.max(asked.begun.clock, this.#world.isolates[asked.isolate]?.clock ?? 0)
    if (exchange.renewed === undefined)
      life.isHonest = false // No telling which of several it was.
    else {
      for (const [token, state] of life.tokens) {
        if (token !== exchange.renewed && state.id === id) state.replaced ??= clock
      }
      this.#world.check('renewed', exchange, life)
    }
  }
}

/** When a session last came to be where it is, by the true time. */
function changed({ born, formerIds }: Life): number {
  return Math.max(born?.at ?? 0, ...[...formerIds.values()].map(({ at }) => at))
}

function sweepOf(app: App, user: string | undefined): string {
  return `${app} ${user}`
}

/** The cookie values that a response sets, but for those that it clears. */
function valuesOf(response: Response): string[] {
  const lines = response.headers.getSetCookie()
  return lines
    .map((line) => line.slice(line.indexOf('=') + 1, line.indexOf(';')))
    .filter((value) => value !== '')
}

/** The values of our cookies in a header. */
export function bringsOf(header: string): string[] {
  return header === '' ? [] : header.split('; ').map((pair) => pair.slice(pair.indexOf('=') + 1))
}

/** The bearer token in the cookie of a session in a store: `02 | kid 4 | handle 16 | token 32 | tag 16`. */
export function tokenOf(value: string): string | null {
  const bytes = Buffer.from(value, 'base64url')
  return bytes.length === 69 && bytes[0] === 2 ? bytes.subarray(21, 53).toString('base64url') : null
}
