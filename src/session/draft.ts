import { SessionError } from '../errors.ts'
import { Flash } from './flash.ts'
import { deepFreeze, readOnly, toJsonText } from './json.ts'
import {
  anonymousRecord,
  type Policy,
  reauthenticatedRecord,
  regeneratedRecord,
  signedInRecord,
  touchedRecord,
} from './lifecycle.ts'
import type { SessionRecord, SignedIn } from './record.ts'

/** What a request starts from. */
export interface DraftStart<Data> {
  readonly policy: Policy
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** JSON text of a new session's data: `{}`, or the defaults of the schema. */
  readonly emptyText: string
  readonly opened?: OpenedSession<Data> | undefined
}

/** A live session, as the cookie gave it. */
export interface OpenedSession<Data> {
  /** What the client holds. */
  readonly persisted: SessionRecord
  /** The same with this request's activity, where that is due. */
  readonly record: SessionRecord
  readonly data: Data
  /** Text of the data as the handler first sees it; null when it is to be written whatever the handler does. */
  readonly baseline: string | null
  /** Sealed under an older secret: to be written again. */
  readonly stale: boolean
}

/** What is to be written, and what it was made from. */
export interface Snapshot {
  readonly record: SessionRecord
  readonly basis: SessionRecord
  readonly dataChanged: boolean
  /** More than recorded activity or a rotated secret: the handler did something. */
  readonly changed: boolean
}

/**
 * The session of one request while it is being worked on: what was opened, what has become of it, and so the least
 * that must be written. `Session` is its public face; only the manager looks behind it.
 */
export class Draft<Data extends object> {
  phase: 'open' | 'ended' | 'closed' = 'open'
  clearSiteData = false
  persisted: SessionRecord | undefined
  readonly isNew: boolean
  readonly flash: Flash
  readonly #start: DraftStart<Data>
  #record: SessionRecord | undefined
  #data: Data | undefined
  #baseline: string | null
  #stale: boolean

  constructor(start: DraftStart<Data>) {
    const { opened } = start
    this.#start = start
    this.isNew = opened === undefined
    this.persisted = opened?.persisted
    this.#record = opened?.record
    this.#baseline = opened === undefined ? start.emptyText : opened.baseline
    this.#stale = opened?.stale ?? false
    this.flash = new Flash(opened?.record.flash ?? {})
  }

  /** The record as it is to be; an anonymous visitor's is made when first asked for, and written only with data. */
  get record(): SessionRecord {
    this.#record ??= {
      ...anonymousRecord(this.#start.policy, this.#start.clock()),
      data: this.#start.emptyText,
    }
    return this.#record
  }

  get user(): SignedIn | undefined {
    return this.phase === 'ended' ? undefined : this.#record?.user
  }

  /** One object for the whole request: a reference that a handler keeps stays the session's data, or throws. */
  get data(): Data {
    this.#data ??= this.#start.opened?.data ?? (JSON.parse(this.#start.emptyText) as Data)
    return this.#data
  }

  /** What `session.data` gives: the live object, or, when it is too late, a view that says so. */
  get view(): Data {
    if (this.phase === 'open') return this.data
    const copy = this.phase === 'ended' ? ({} as Data) : copyOf(this.data)
    return readOnly(copy, () => this.tooLate('change data'))
  }

  now(): number {
    return this.#start.clock()
  }

  assertOpen(action: string): void {
    if (this.phase !== 'open') throw this.tooLate(action)
  }

  tooLate(action: string): SessionError {
    return this.phase === 'ended'
      ? new SessionError(
          'ERR_SESSION_ENDED',
          `Cannot ${action}: the session has ended. Sign in on another request.`,
        )
      : new SessionError(
          'ERR_SESSION_COMMITTED',
          `Cannot ${action}: the response has left. Change the session before it does.`,
        )
  }

  signIn(user: SignedIn, keep: readonly string[]): void {
    const { data } = this
    for (const key of Object.keys(data)) {
      if (!keep.includes(key)) delete (data as Record<string, unknown>)[key]
    }
    Object.assign(data, { ...JSON.parse(this.#start.emptyText), ...data })
    this.#baseline = null
    this.flash.forgetIncoming()
    this.#record = signedInRecord(this.#start.policy, user)
  }

  reauthenticate(user: SignedIn): void {
    this.#record = reauthenticatedRecord(this.#start.policy, this.record, user)
  }

  regenerate(): void {
    this.#record = regeneratedRecord(this.record)
  }

  /** From here on nothing can change: what a handler kept of the data is frozen. */
  finish(phase: 'ended' | 'closed'): void {
    if (this.phase === 'open') this.phase = phase
    try {
      if (this.#data !== undefined) deepFreeze(this.#data)
    } catch {} // A getter or a Proxy of the application's: it could not be kept either, and its error is not the one.
  }

  /**
   * The least that must be written now, or null.
   *
   * @throws {SessionError} `ERR_SESSION_NOT_SERIALIZABLE`
   */
  snapshot(): Snapshot | null {
    const data =
      this.#data === undefined && this.#baseline !== null ? null : toJsonText(this.data, 'session.data')
    const dataChanged = data !== null && data !== this.#baseline
    const flashChanged = this.flash.differsFrom(this.persisted?.flash)
    if (!dataChanged && !flashChanged && !this.#isDue()) return null
    const basis = this.record
    const active = dataChanged || flashChanged ? touchedRecord(this.#start.policy, basis, this.now()) : basis
    const changed = dataChanged || flashChanged || basis.handle !== this.persisted?.handle
    return {
      record: { ...active, flash: this.flash.outgoing(), data: dataChanged ? data : basis.data },
      basis,
      dataChanged,
      changed,
    }
  }

  /** What is due when the handler failed: the request's activity, or a rotated secret, and none of its changes. */
  activity(): Snapshot | null {
    const { opened } = this.#start
    if (opened === undefined || this.persisted !== opened.persisted) return null
    if (!this.#stale && opened.record === opened.persisted) return null
    return { record: opened.record, basis: opened.record, dataChanged: false, changed: false }
  }

  /** Takes note that a snapshot is what the client will hold; changes made meanwhile stay due. */
  written({ record, basis, dataChanged }: Snapshot): void {
    this.persisted = record
    this.#stale = false
    // What moved meanwhile (a sign-in, a new id) stays due, and goes with the data that is now there.
    if (this.#record === basis) this.#record = record
    else if (dataChanged) this.#record = { ...this.record, data: record.data }
    if (dataChanged) this.#baseline = record.data
  }

  /** Apart from data and flash: a sign-in, a new id, recorded activity, a rotated secret. */
  #isDue(): boolean {
    if (this.persisted === undefined) return this.#record?.user !== undefined
    return this.#stale || this.#record !== this.persisted
  }
}

/** A copy that can be viewed; what cannot be copied could not be kept either, and is frozen. */
function copyOf<T extends object>(value: T): T {
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}
