import type { SessionStore, StoreCapabilities, StoreConsistency, StoredValue } from '../store.ts'

export interface LaggingStoreOptions {
  /** Seconds that an answer is given again for. */
  readonly staleFor: number
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /**
   * Whether a write through this twin, also one that lost, makes it read that key and the lists afresh, as the place of a
   * write mostly does. @default true
   */
  readonly seesOwnWrites?: boolean | undefined
}

/**
 * A twin of a store that reads like one place of an eventually consistent network: what it has read once, also that
 * nothing was there, it answers until `staleFor` seconds have passed. Writes go through at once, and compare with what
 * the store has. Two twins of one store are two places; `clock` makes them deterministic.
 *
 * @throws {RangeError} When `staleFor` is not above 0.
 */
export function laggingStore(store: SessionStore, options: LaggingStoreOptions): SessionStore {
  const { staleFor, clock, seesOwnWrites = true } = options
  if (!(staleFor > 0)) throw new RangeError(`staleFor must be above 0: current value is ${staleFor}.`)
  const records = memory<StoredValue | null>(options)
  const lists = memory<readonly string[]>(options)
  /** When what was written here expires, which the store does not tell. */
  const own = new Map<string, { readonly version: string; readonly expiresAt: number }>()

  async function get(key: string): Promise<StoredValue | null> {
    const record = await records.read(key, () => store.get(key))
    const written = own.get(key)
    const expired = written?.version === record?.version && Number(written?.expiresAt) <= clock()
    return expired ? null : record
  }

  function forget(key: string): void {
    if (!seesOwnWrites) return
    records.delete(key)
    lists.clear()
  }

  function wrote(key: string, version: string | null, expiresAt: number): string | null {
    forget(key)
    if (version !== null) own.set(key, { version, expiresAt })
    return version
  }

  const twin: SessionStore = {
    capabilities: lagging(store.capabilities, staleFor),
    get,
    getMany: (keys) => Promise.all(keys.map(get)),
    create: async (key, value, given) => wrote(key, await store.create(key, value, given), given.expiresAt),
    update: async (key, value, given) => wrote(key, await store.update(key, value, given), given.expiresAt),
    async delete(key, given) {
      await store.delete(key, given)
      forget(key)
    },
  }
  if (store.list === undefined) return twin
  return {
    ...twin,
    list: async (tag) => [...(await lists.read(tag, async () => (await store.list?.(tag)) ?? []))],
  }
}

/** What was read, for as long as it is answered again. */
function memory<Answer>({ staleFor, clock }: LaggingStoreOptions) {
  const answers = new Map<string, { readonly answer: Answer; readonly until: number }>()
  return {
    async read(name: string, ask: () => Promise<Answer>): Promise<Answer> {
      const known = answers.get(name)
      if (known !== undefined && clock() < known.until) return known.answer
      const until = clock() + staleFor * 1000
      const answer = await ask()
      answers.set(name, { answer, until })
      return answer
    },
    delete: (name: string) => answers.delete(name),
    clear: () => answers.clear(),
  }
}

/** What lags already lags longer. */
function lagging(
  { consistency, atomicUpdate, index }: StoreCapabilities,
  staleFor: number,
): StoreCapabilities {
  const later = (bound: StoreConsistency) => ({
    staleFor: bound === 'strong' ? staleFor : bound.staleFor + staleFor,
  })
  return {
    consistency: later(consistency),
    atomicUpdate,
    index: typeof index === 'object' ? later(index) : index && later('strong'),
  }
}
