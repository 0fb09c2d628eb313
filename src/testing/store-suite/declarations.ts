import type { SessionStore, StoreCapabilities, StoreConsistency } from '../../store.ts'
import { check, same } from './check.ts'
import { LONG, type StoreCase, type StoreTest } from './store-test.ts'

const ROUNDS = 20

/** Seconds that a test may wait where nothing can advance the clock. */
const BEARABLE = 5

function isStaleness(value: unknown): value is { readonly staleFor: number } {
  const { staleFor } = (value ?? {}) as { staleFor?: unknown }
  return typeof staleFor === 'number' && staleFor > 0
}

function checkShape({ consistency, atomicUpdate, index }: StoreCapabilities): void {
  check(
    consistency === 'strong' || isStaleness(consistency),
    "consistency is neither 'strong' nor { staleFor }",
  )
  check(typeof atomicUpdate === 'boolean', 'atomicUpdate is no boolean')
  const known = index === 'atomic' || index === 'ordered' || index === false
  check(known || isStaleness(index), "index is neither 'atomic', 'ordered', { staleFor } nor false")
}

/** Passes the time after which another client must see what was written. @returns False when nothing bounds it. */
async function settled(t: StoreTest, consistency: StoreConsistency): Promise<boolean> {
  if (consistency === 'strong') return true
  const { staleFor } = consistency
  if (staleFor === Number.POSITIVE_INFINITY) return false
  check(
    t.exact || staleFor <= BEARABLE,
    `staleFor: ${staleFor} is too long to wait for: give describeStore() an advance(seconds)`,
  )
  await t.until(t.in(staleFor))
  return true
}

/** The longest that an answer of either kind may be old, in seconds; 0 where there is no bound to wait for. */
function longest({ consistency, index }: StoreCapabilities): number {
  const bounds = [consistency, index].map((part) => (isStaleness(part) ? part.staleFor : 0))
  return Math.max(...bounds.filter(Number.isFinite))
}

/** A write through one, then what the other sees of it: first anything that once was there, then what has to be. */
async function seen(t: StoreTest, writer: SessionStore, reader: SessionStore): Promise<void> {
  const { consistency } = t.store.capabilities
  const key = t.unique()
  const expiresAt = t.in(LONG + 20 * longest(t.store.capabilities))
  const history: (string | null)[] = []
  const read = async () => (await reader.get(key))?.value ?? null
  const follows = async (value: string | null, what: string) => {
    history.push(value)
    const early = await read()
    check(history.includes(early), `get() through another client is ${JSON.stringify(early)}: never written`)
    if (await settled(t, consistency)) same(await read(), value, `get() through another client after ${what}`)
  }
  await follows(null, 'nothing')
  const version = await writer.create(key, 'first', { expiresAt })
  check(version !== null, 'create() of an absent key is null')
  await follows('first', 'create()')
  check((await writer.update(key, 'second', { expiresAt, version })) !== null, 'update() is null')
  await follows('second', 'update()')
  await writer.delete(key)
  await follows(null, 'delete()')
}

/** The same for a list. */
async function listed(t: StoreTest, writer: SessionStore, reader: SessionStore): Promise<void> {
  const { index } = t.store.capabilities
  const [key, tag, other] = [t.unique(), t.unique('tag'), t.unique('other')]
  const expiresAt = t.in(LONG + 20 * longest(t.store.capabilities))
  const follows = async (tagged: readonly string[], others: readonly string[], what: string) => {
    const lists = async () => [await reader.list?.(tag), await reader.list?.(other)]
    await lists()
    if (index === false || !(await settled(t, isStaleness(index) ? index : 'strong'))) return
    same(await lists(), [tagged, others], `list() of two tags through another client after ${what}`)
  }
  await follows([], [], 'nothing')
  const version = await writer.create(key, 'first', { expiresAt, tags: [tag] })
  check(version !== null, 'create() of an absent key is null')
  await follows([key], [], 'create()')
  check(
    (await writer.update(key, 'second', { expiresAt, version, tags: [other] })) !== null,
    'update() is null',
  )
  await follows([], [key], 'update() with another tag')
  await writer.delete(key, { tags: [other] })
  await follows([], [], 'delete()')
}

/** Many rounds where nothing has to be waited for, else both ways at the same time. */
async function bothWays(t: StoreTest, run: typeof seen): Promise<void> {
  const rounds = longest(t.store.capabilities) === 0 ? ROUNDS : 1
  for (let round = 0; round < rounds; round++) {
    await Promise.all([run(t, t.store, t.peer), run(t, t.peer, t.store)])
  }
}

export const declarations: readonly StoreCase[] = [
  [
    'capabilities are well-formed, and the same through another client',
    async (t) => {
      checkShape(t.store.capabilities)
      const parts = ({ consistency, atomicUpdate, index }: StoreCapabilities) =>
        [consistency, atomicUpdate, index].map((part) => JSON.stringify(part))
      same(parts(t.peer.capabilities), parts(t.store.capabilities), 'what another client declares')
    },
  ],
  [
    'list() is there unless index is false',
    async (t) => {
      same(
        typeof t.store.list,
        t.store.capabilities.index === false ? 'undefined' : 'function',
        'typeof list',
      )
    },
  ],
  ['get() through another client sees every write, as soon as consistency says', (t) => bothWays(t, seen)],
  ['list() through another client follows every write, as soon as index says', (t) => bothWays(t, listed)],
]
