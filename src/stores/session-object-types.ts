import type { StoredValue } from '../store.ts'

/** What of a `DurableObjectState` a `SessionObject` uses. */
export interface SessionObjectState {
  readonly storage: SessionObjectStorage
}

/** Of a class with SQLite storage; others have no `kv`. */
export interface SessionObjectStorage {
  readonly kv: SessionObjectValues
  setAlarm(milliseconds: number): Promise<void>
  deleteAlarm(): Promise<void>
  deleteAll(): Promise<void>
}

/** Synchronous, so that nothing comes between a look and a write. */
export interface SessionObjectValues {
  get<Value>(name: string): Value | undefined
  put<Value>(name: string, value: Value): void
  delete(name: string): boolean
  list<Value>(): Iterable<[string, Value]>
}

/** What of a `DurableObjectNamespace<SessionObject>` the store uses. */
export interface SessionObjectNamespace {
  idFromName(name: string): unknown
  get(id: unknown): SessionObjectStub
}

/** A `SessionObject` from afar. */
export interface SessionObjectStub {
  read(): Promise<StoredValue | null>
  hasTag(tag: string): Promise<boolean>
  create(write: RecordWrite): Promise<string | null>
  update(write: RecordUpdate): Promise<UpdateAnswer | null>
  remove(version?: string): Promise<Listing | null>
  enlist(key: string, entry: IndexEntry): Promise<void>
  delist(key: string, stamp: string): Promise<void>
  keys(): Promise<string[]>
}

/** An entry in the object of a tag. */
export interface IndexEntry {
  /** New whenever entries are written: who removes an entry names it, and leaves a newer one alone. */
  readonly stamp: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** How a record is entered in the objects of its tags. */
export interface Listing extends IndexEntry {
  readonly tags: readonly string[]
}

export interface RecordWrite {
  readonly value: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** What the store has entered already. */
  readonly listing: Listing
}

export interface RecordUpdate extends Omit<RecordWrite, 'listing'> {
  readonly version: string
  readonly tags?: readonly string[] | undefined
  readonly listing?: Listing | undefined
}

/** Either it is written, and `left` has to be removed, or nothing is, before `unlisted` has been entered. */
export type UpdateAnswer =
  | { readonly version: string; readonly left: Listing }
  | { readonly unlisted: readonly string[] }
