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
  return Math.max(0, ...bounds.filter(Number.isFinite))
}

/** Three records for one write each, so that whatever another client has read of them is as old as the write. */
async function threeRecords(t: StoreTest, writer: SessionStore, tags: readonly string[]) {
  const expiresAt = t.in(LONG + longest(t.store.capabilities))
  const [created, updated, deleted] = [t.unique('created'), t.unique('updated'), t.unique('deleted')]
  const version = await writer.create(updated, 'first', { expiresAt, tags })
  const another = await writer.create(deleted, 'first', { expiresAt, tags })
  check(version !== null && another !== null, 'create() of an absent key is null')
  const write = async (others: readonly string[]) => {
    check((await writer.create(created, 'first', { expiresAt, tags })) !== null, 'create() is null')
    const update = await writer.update(updated, 'second', { expiresAt, version, tags: others })
    check(update !== null, 'update() is null')
    await writer.delete(deleted, { tags })
  }
  return { keys: { created, updated, deleted }, write }
}

/** What a client reads of each write: at first anything that once was there, then what has to be. */
async function seen(t: StoreTest, writer: SessionStore, reader: SessionStore): Promise<void> {
  const { keys, write } = await threeRecords(t, writer, [])
  const read = async () => {
    const names = Object.values(keys)
    return Promise.all(names.map(async (key) => (await reader.get(key))?.value ?? null))
  }
  const strange = (values: readonly (string | null)[]) =>
    values.some((value) => value !== null && value !== 'first' && value !== 'second')
  await read()
  await write([])
  const early = await read()
  check(!strange(early), `get() through another client gives ${JSON.stringify(early)}: never written`)
  if (!(await settled(t, t.store.capabilities.consistency))) return
  same(
    await read(),
    ['first', 'second', null],
    'get() through another client after create(), update(), delete()',
  )
}

/** The same for lists. */
async function listedElsewhere(t: StoreTest, writer: SessionStore, reader: SessionStore): Promise<void> {
  const { index } = t.store.capabilities
  const [tag, other] = [t.unique('tag'), t.unique('other')]
  const { keys, write } = await threeRecords(t, writer, [tag])
  const lists = async () => [await reader.list?.(tag), await reader.list?.(other)]
  await lists()
  await write([other])
  if (index === false || !(await settled(t, isStaleness(index) ? index : 'strong'))) return
  same(await lists(), [[keys.created], [keys.updated]], 'list() of two tags through another client')
}

/** Many rounds where nothing has to be waited for, else both ways while the same time passes. */
async function bothWays(t: StoreTest, run: typeof seen): Promise<void> {
  const { store, peer, exact } = t
  if (longest(store.capabilities) > 0 && !exact) {
    await Promise.all([run(t, store, peer), run(t, peer, store)])
    return
  }
  for (let round = 0; round < ROUNDS; round++) {
    await run(t, store, peer)
    await run(t, peer, store)
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
  [
    'list() through another client follows every write, as soon as index says',
    (t) => bothWays(t, listedElsewhere),
  ],
]
