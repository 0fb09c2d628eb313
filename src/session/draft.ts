import type { SessionError } from '../errors.ts'
import { DraftData } from './draft-data.ts'
import { Flash } from './flash.ts'
import {
  anonymousRecord,
  movedOnto,
  reauthenticatedRecord,
  regeneratedRecord,
  signedInRecord,
  touchedRecord,
} from './lifecycle.ts'
import type { DraftStart, OpenedSession, Snapshot } from './opened.ts'
import { type SessionRecord, type SignedIn, sameSession } from './record.ts'
import { tooLate } from './too-late.ts'

/**
 * The session of one request while it is being worked on: what was opened, what has become of it, and so the least
 * that must be written. `Session` is its public face; only the manager looks behind it.
 */
export class Draft<Data extends object> {
  phase: 'open' | 'ended' | 'closed' | 'refused' = 'open'
  clearSiteData = false
  persisted: SessionRecord | undefined
  readonly isNew: boolean
  readonly flash: Flash
  readonly #start: DraftStart<Data>
  readonly #data: DraftData<Data>
  #record: SessionRecord | undefined
  #stale: boolean
  #refusal: SessionError | undefined

  constructor(start: DraftStart<Data>) {
    const { opened, refusal } = start
    this.#start = start
    this.#data = new DraftData(start.emptyText, opened)
    this.isNew = opened === undefined
    this.persisted = opened?.persisted
    this.#record = opened?.record
    this.#stale = opened?.stale ?? false
    this.flash = new Flash(opened?.record.flash ?? {})
    if (refusal !== undefined) this.refuse(refusal)
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
    return this.isOver ? undefined : this.#record?.user
  }

  /** There is nothing left of what was opened, or nothing that this request may see. */
  get isOver(): boolean {
    return this.phase === 'ended' || this.phase === 'refused'
  }

  /** What `session.data` gives: the live object, or, when it is too late, a view that says so. */
  get view(): Data {
    if (this.phase === 'open') return this.#data.value
    return this.#data.view(this.isOver, () => this.tooLate('change data'))
  }

  now(): number {
    return this.#start.clock()
  }

  assertOpen(action: string): void {
    if (this.phase !== 'open') throw this.tooLate(action)
  }

  tooLate(action: string): SessionError {
    return tooLate(action, this.phase, this.#refusal)
  }

  /** @throws {TypeError} When `fn` is asynchronous. */
  update(fn: (data: Data) => void): void {
    this.assertOpen('change data')
    this.#data.update(fn, this.#start.shared)
  }

  /** A session that has just moved on under another cookie stays as it is; a sign-in is a new one, and says so. */
  assertSignIn(): void {
    if (this.#start.refusal?.code === 'ERR_SESSION_ENDED' && this.phase === 'refused') {
      this.#refusal = undefined
      this.phase = 'open'
    }
    this.assertOpen('sign in')
  }

  signIn(user: SignedIn, keep: readonly string[]): void {
    this.#data.startOver(keep)
    this.flash.forgetIncoming()
    this.#record = signedInRecord(this.#start.policy, user)
  }

  reauthenticate(user: SignedIn): void {
    this.#record = reauthenticatedRecord(this.#start.policy, this.record, user)
  }

  regenerate(): void {
    this.#record = regeneratedRecord(this.record)
  }

  /** Signs out. Of what is over already nothing is left to end, but its cookie. */
  end(): void {
    if (this.phase === 'ended') return
    if (this.#refusal?.code !== 'ERR_SESSION_ENDED') this.assertOpen('sign out')
    this.#refusal = undefined
    this.#finish('ended')
  }

  /** From here on the visitor counts as anonymous, and every change throws this. */
  refuse(reason: SessionError): void {
    this.#refusal = reason
    this.persisted = undefined
    this.#finish('refused')
  }

  /** From here on nothing can change: what a handler kept of the data is frozen. */
  close(): void {
    this.#finish(this.phase === 'open' ? 'closed' : this.phase)
  }

  /**
   * The least that must be written now, or null.
   *
   * @throws {SessionError} `ERR_SESSION_NOT_SERIALIZABLE`
   */
  snapshot(): Snapshot | null {
    return this.#snapshotOf(this.#record, this.#data.changedText())
  }

  /** What is due when the handler failed: the request's activity, or a rotated secret, and none of its changes. */
  activity(): Snapshot | null {
    const { opened } = this.#start
    if (opened === undefined || this.persisted !== opened.persisted) return null
    if (!this.#stale && opened.record === opened.persisted) return null
    return { record: opened.record, basis: opened.record, steps: 0, dataChanged: false, changed: false }
  }

  /**
   * What a snapshot has, and nothing that came since, on top of what another request wrote; null when nothing is left.
   */
  rebase({ basis, steps }: Snapshot, fresh: OpenedSession<Data>): Snapshot | null {
    if (this.#hasLeft(basis)) return null
    const text = this.#data.rebase(fresh, steps, this.phase === 'open')
    const rebased = movedOnto(fresh.record, basis, this.persisted)
    this.#record = movedOnto(rebased, this.record, basis)
    this.persisted = fresh.persisted
    this.flash.rebase(fresh.record.flash)
    return this.#snapshotOf(rebased, text, steps)
  }

  /** Takes note that a snapshot is what is kept now; changes made meanwhile stay due. */
  written({ record, basis, steps, dataChanged }: Snapshot): void {
    this.persisted = record
    this.#stale = false
    if (this.#hasLeft(basis)) return
    // A new id that came meanwhile stays due, and goes with the data that is now there.
    if (this.#record === basis) this.#record = record
    else if (dataChanged) this.#record = { ...this.record, data: record.data }
    this.#data.written(dataChanged ? record.data : null, steps)
    this.flash.written(record.flash)
  }

  #snapshotOf(due: SessionRecord | undefined, data: string | null, steps?: number): Snapshot | null {
    const flashChanged = this.flash.differsFrom(this.persisted?.flash)
    const changed = data !== null || flashChanged
    if (!changed && !this.#isDue(due)) return null
    const basis = due ?? this.record
    const active = changed ? touchedRecord(this.#start.policy, basis, this.now()) : basis
    return {
      record: { ...active, flash: this.flash.outgoing(), data: data ?? basis.data },
      basis,
      steps: steps ?? (this.#start.shared ? this.#data.mark() : 0),
      dataChanged: data !== null,
      changed: changed || basis.handle !== this.persisted?.handle,
    }
  }

  /** By a sign-in, a new id, recorded activity, a rotated secret. */
  #isDue(due: SessionRecord | undefined): boolean {
    return this.persisted === undefined ? due?.user !== undefined : this.#stale || due !== this.persisted
  }

  /** The handler has signed somebody in since: of that session's data and flash nothing is carried over. */
  #hasLeft({ handle }: SessionRecord): boolean {
    return !sameSession(this.record.handle, handle)
  }

  #finish(phase: 'ended' | 'closed' | 'refused'): void {
    this.phase = phase
    this.#data.freeze()
  }
}
