import { type ReauthenticateOptions, reauthenticated } from './authentication.ts'
import { Challenges } from './challenges.ts'
import { DraftData } from './draft-data.ts'
import { Flash } from './flash.ts'
import {
  anonymousRecord,
  movedOnto,
  pendingRecord,
  reauthenticatedRecord,
  regeneratedRecord,
  signedInRecord,
  touchedRecord,
} from './lifecycle.ts'
import type { Beginning, DraftStart, OpenedSession, Snapshot } from './opened.ts'
import { type SessionRecord, type SignedIn, sameSession } from './record.ts'
import { Stage } from './stage.ts'

/**
 * The session of one request while it is being worked on: what was opened, what has become of it, and so the least
 * that must be written. `Session` is its public face; only the manager looks behind it.
 */
export class Draft<Data extends object> extends Stage {
  clearSiteData = false
  readonly isNew: boolean
  readonly flash: Flash
  #challenges: Challenges | undefined
  /** The ID token of a sign-in, until it is kept. */
  idToken: string | undefined
  readonly #start: DraftStart<Data>
  readonly #data: DraftData<Data>
  #record: SessionRecord | undefined
  #stale: boolean

  constructor(start: DraftStart<Data>) {
    const { opened, refusal } = start
    super(refusal)
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
    const { policy, clock, emptyText } = this.#start
    this.#record ??= { ...anonymousRecord(policy, clock()), data: emptyText }
    return this.#record
  }

  get challenges(): Challenges {
    this.#challenges ??= new Challenges(this.#start.opened?.record.challenges)
    return this.#challenges
  }

  /** Nobody, while a new authentication is asked for. */
  get user(): SignedIn | undefined {
    return this.isOver || this.#record?.stepUpSince !== undefined ? undefined : this.#record?.user
  }

  /** Who has passed the first factor and not the second, or is asked to authenticate again. */
  get pending(): SignedIn | undefined {
    if (this.isOver || this.user !== undefined) return undefined
    return this.#record?.pending ?? this.#record?.user
  }

  /** What `session.data` gives: the live object, or, when it is too late, a view that says so. */
  get view(): Data {
    if (this.phase === 'open') return this.#data.value
    return this.#data.view(this.isOver, () => this.tooLate('change data'))
  }

  now(): number {
    return this.#start.clock()
  }

  /** @throws {TypeError} When `fn` is asynchronous. */
  update(fn: (data: Data) => void): void {
    this.assertOpen('change data')
    this.#data.update(fn, this.#start.shared)
  }

  takeFlash(key: string): unknown {
    const value = this.isOver ? undefined : this.flash.peek(key)
    if (value === undefined) return undefined
    this.assertOpen('consume a flash value')
    this.flash.consume(key)
    return value
  }

  signIn(user: SignedIn, { keep = [], pending = false, idToken }: Beginning): void {
    this.#data.startOver(keep)
    this.flash.forgetIncoming()
    this.challenges.forget()
    this.idToken = idToken
    this.completed = undefined
    this.#record = (pending ? pendingRecord : signedInRecord)(this.#start.policy, user)
  }

  /** Again, or by the second factor: of half a sign-in a whole one, a new session in which all goes on. */
  reauthenticate(options: ReauthenticateOptions, authTime: number): void {
    const user = reauthenticated(this.user ?? this.pending, options, authTime)
    this.challenges.forget()
    if (this.#record?.user !== undefined) {
      this.#record = reauthenticatedRecord(this.#start.policy, this.record, user)
      return
    }
    this.#data.startOver(Object.keys(this.#data.value))
    this.completed = this.record.handle
    this.#record = signedInRecord(this.#start.policy, user)
  }

  regenerate(): void {
    this.#record = regeneratedRecord(this.record)
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
    this.challenges.rebase(fresh.record.challenges)
    return this.#snapshotOf(rebased, text, steps)
  }

  /** Takes note that a snapshot is what is kept now; changes made meanwhile stay due. */
  written({ record, basis, steps, dataChanged }: Snapshot): void {
    this.persisted = record
    this.#stale = false
    if (this.#hasLeft(basis)) return
    // A new id that came meanwhile stays due, and goes with the data that is now there.
    const isLatest = this.#record === basis
    if (isLatest) this.#record = record
    else if (dataChanged) this.#record = { ...this.record, data: record.data }
    this.#data.written(dataChanged ? record.data : null, steps)
    this.flash.written(record.flash)
    this.challenges.written(record.challenges, isLatest)
  }

  #snapshotOf(due: SessionRecord | undefined, data: string | null, steps?: number): Snapshot | null {
    const flashChanged = this.flash.differsFrom(this.persisted?.flash)
    const asked = this.#challenges?.differsFrom(this.persisted?.challenges, this.#start.clock) === true
    const changed = data !== null || flashChanged || asked
    if (!changed && !this.#isDue(due)) return null
    const basis = due ?? this.record
    const active = changed ? touchedRecord(this.#start.policy, basis, this.now()) : basis
    return {
      record: {
        ...active,
        flash: this.flash.outgoing(),
        challenges: this.challenges.outgoing(this.now()),
        data: data ?? basis.data,
      },
      basis,
      steps: steps ?? (this.#start.shared ? this.#data.mark() : 0),
      dataChanged: data !== null,
      changed: changed || basis.handle !== this.persisted?.handle,
    }
  }

  /** By a sign-in, a new id, recorded activity, a rotated secret. */
  #isDue(due: SessionRecord | undefined): boolean {
    if (this.persisted !== undefined) return this.#stale || due !== this.persisted
    return due?.user !== undefined || due?.pending !== undefined
  }

  /** The handler has signed somebody in since: of that session's data and flash nothing is carried over. */
  #hasLeft({ handle }: SessionRecord): boolean {
    return !sameSession(this.record.handle, handle)
  }

  protected override onOver(): void {
    this.#data.freeze()
  }
}
