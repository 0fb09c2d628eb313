import { Changes } from './changes.ts'
import { deepFreeze, readOnly, toJsonText } from './json.ts'
import type { OpenedSession } from './opened.ts'
import { NO_DATA } from './record.ts'

/** The data of a session while a request works on it, and how it differs from what is kept. */
export class DraftData<Data extends object> {
  readonly #emptyText: string
  readonly #opened: Data | undefined
  #value: Data | undefined
  /** JSON text of what is kept; null when all of it is to be written. */
  #kept: string | null
  #changes: Changes | undefined

  /** @param emptyText JSON text of a new session's data. */
  constructor(emptyText: string, opened: OpenedSession<Data> | undefined) {
    this.#emptyText = emptyText
    this.#opened = opened?.data
    this.#kept = opened === undefined ? emptyText : opened.mended ? null : opened.baseline
    if (opened?.mended) this.#changes = new Changes(opened.baseline)
  }

  /** One object for the whole request: a reference that a handler keeps stays the session's data, or throws. */
  get value(): Data {
    this.#value ??= this.#opened ?? (JSON.parse(this.#emptyText) as Data)
    return this.#value
  }

  /** A copy in which every change throws; of nothing when the session is over. */
  view(isOver: boolean, error: () => Error): Data {
    return readOnly(isOver ? ({} as Data) : copyOf(this.value), error)
  }

  /**
   * @param shared Other requests may write the same record: what `fn` did can be done again on theirs.
   * @throws {TypeError} When `fn` is asynchronous.
   */
  update(fn: (data: Data) => void, shared: boolean): void {
    const changes = shared ? this.#noted() : undefined
    const result: unknown = fn(this.value)
    if (result instanceof Promise) {
      result.catch(() => {}) // The caller hears of the mistake; its promise is not another one.
      throw new TypeError('session.update(fn) wants a synchronous function. Do slow work before it.')
    }
    changes?.noteUpdate(fn, this.value)
  }

  /** What a new session starts with: these keys, and what every new one has. */
  startOver(keep: readonly string[]): void {
    const data = this.value
    for (const key of Object.keys(data)) {
      if (!keep.includes(key)) delete (data as Record<string, unknown>)[key]
    }
    Object.assign(data, { ...JSON.parse(this.#emptyText), ...data })
    this.#kept = null
    this.#changes = undefined
  }

  freeze(): void {
    try {
      if (this.#value !== undefined) deepFreeze(this.#value)
    } catch {} // A getter or a Proxy of the application's: it could not be kept either, and its error is not the one.
  }

  /**
   * JSON text of the data when it is to be written, else null.
   *
   * @throws {SessionError} `ERR_SESSION_NOT_SERIALIZABLE`
   */
  changedText(): string | null {
    if (this.#value === undefined && this.#kept !== null) return null
    const text = toJsonText(this.value, 'session.data')
    return text === this.#kept ? null : text
  }

  /** How many steps there are so far: they are done again when a write of them loses. */
  mark(): number {
    return this.#value === undefined ? 0 : this.#noted().count
  }

  /**
   * The same changes on top of what another request wrote meanwhile.
   *
   * @param steps How many of them the write had; those made since stay due.
   * @param open The handler is still at work: it sees the result.
   * @returns JSON text of the data when it is to be written, else null.
   */
  rebase(fresh: OpenedSession<Data>, steps: number, open: boolean): string | null {
    const changes = this.#noted()
    const changed = changes.replay(fresh.data, 0, steps)
    const text = toJsonText(fresh.data, 'session.data')
    if (open) {
      changes.replay(fresh.data, steps)
      become(this.value, fresh.data)
      changes.adopt(toJsonText(this.value, 'session.data'))
    }
    this.#kept = fresh.mended ? null : fresh.baseline
    return (changed || fresh.mended) && text !== this.#kept ? text : null
  }

  /**
   * Takes note of what is kept now; changes made meanwhile stay due.
   *
   * @param text JSON text of the data, or null when it was not written.
   * @param steps How many of the changes it has.
   */
  written(text: string | null, steps: number): void {
    if (text !== null) this.#kept = text
    this.#changes?.settle(steps)
  }

  /** What this request has done so far. */
  #noted(): Changes {
    this.#changes ??= new Changes(this.#kept ?? NO_DATA)
    this.#changes.note(this.value)
    return this.#changes
  }
}

/** Gives one object the keys of another, in their order. What is equal stays the object it is: a handler may hold it. */
function become(target: object, source: object): void {
  const own = target as Record<string, unknown>
  const entries = Object.entries(source).map(([key, value]) => {
    return [key, JSON.stringify(own[key]) === JSON.stringify(value) ? own[key] : value]
  })
  for (const key of Object.keys(own)) delete own[key]
  Object.assign(own, Object.fromEntries(entries))
}

/** A copy that can be viewed; what cannot be copied could not be kept either, and is frozen. */
function copyOf<T extends object>(value: T): T {
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}
