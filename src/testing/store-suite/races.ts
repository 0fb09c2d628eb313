import type { SessionStore } from '../../store.ts'
import { check, same } from './check.ts'
import { written } from './records.ts'
import { LONG, type StoreCase, type StoreTest } from './store-test.ts'

const ROUNDS = 10
const RIVALS = 20

/** Every second one by the other client. */
function clients({ store, peer }: StoreTest, count: number): SessionStore[] {
  return Array.from({ length: count }, (_, i) => (i % 2 === 0 ? store : peer))
}

/** By either client first, as the first to ask has a head start. */
function pair({ store, peer }: StoreTest, round: number): [SessionStore, SessionStore] {
  return round % 2 === 0 ? [store, peer] : [peer, store]
}

/** A few turns later: where nothing takes time, all that starts at once would go in step. */
async function after<Result>(turns: number, start: () => Promise<Result>): Promise<Result> {
  for (let turn = 0; turn < turns; turn++) await undefined
  return start()
}

/** What is there must be what one of them wrote; where writes are atomic it is the winner's, and there is one. */
async function oneWinner(t: StoreTest, key: string, versions: readonly (string | null)[], what: string) {
  const record = await t.store.get(key)
  const writer = Number(record?.value)
  check(
    versions[writer] !== undefined,
    `after ${what} get() gives ${JSON.stringify(record)}: nobody wrote that`,
  )
  if (!t.store.capabilities.atomicUpdate) return
  same(versions.filter((version) => version !== null).length, 1, `the number of winners of ${what}`)
  same(record?.version, versions[writer], `the version that get() gives after ${what}`)
}

export const races: readonly StoreCase[] = [
  [
    'create() by many at once: one wins, where atomicUpdate says so',
    async (t) => {
      for (let round = 0; round < ROUNDS; round++) {
        const key = t.unique()
        const expiresAt = t.in(LONG)
        const versions = clients(t, RIVALS).map((store, i) => store.create(key, String(i), { expiresAt }))
        await oneWinner(t, key, await Promise.all(versions), `${RIVALS} create() of one key`)
      }
    },
  ],
  [
    'update() of one version by many at once: one wins, where atomicUpdate says so',
    async (t) => {
      for (let round = 0; round < ROUNDS; round++) {
        const key = t.unique()
        const version = await written(t, key, '0')
        const expiresAt = t.in(LONG)
        const updates = clients(t, RIVALS).map((store, i) =>
          store.update(key, String(i), { expiresAt, version }),
        )
        await oneWinner(t, key, await Promise.all(updates), `${RIVALS} update() of one version`)
      }
    },
  ],
  [
    'update() against delete(): the record is gone, where atomicUpdate says so',
    async (t) => {
      for (let round = 0; round < ROUNDS * 2; round++) {
        const key = t.unique()
        const version = await written(t, key)
        const [one, other] = pair(t, round)
        const update = () => one.update(key, 'updated', { expiresAt: t.in(LONG), version })
        const remove = () => other.delete(key)
        await (round % 4 < 2 ? Promise.all([update(), remove()]) : Promise.all([remove(), update()]))
        if (t.store.capabilities.atomicUpdate) same(await t.store.get(key), null, 'get() after both')
      }
    },
  ],
  [
    'update() against delete() of the same version: one wins, where atomicUpdate says so',
    async (t) => {
      for (let round = 0; round < ROUNDS * 2; round++) {
        const key = t.unique()
        const version = await written(t, key)
        const [one, other] = pair(t, round)
        const remove = round % 4 < 2 ? undefined : other.delete(key, { version })
        const updated = one.update(key, 'updated', { expiresAt: t.in(LONG), version })
        const [next] = await Promise.all([updated, remove ?? other.delete(key, { version })])
        const record = await t.store.get(key)
        if (!t.store.capabilities.atomicUpdate) continue
        same(record, next === null ? null : { value: 'updated', version: next }, 'get() after both')
      }
    },
  ],
  [
    'delete() of an old version against delete() and create(): the new record stays, where atomicUpdate says so',
    async (t) => {
      for (let round = 0; round < ROUNDS * 2; round++) {
        const key = t.unique()
        const version = await written(t, key, 'old')
        const [one, other] = pair(t, round)
        const remove = () => other.delete(key, { version })
        const early = round % 2 === 0 ? remove() : undefined
        const again = one.delete(key).then(() => one.create(key, 'new', { expiresAt: t.in(LONG) }))
        const [next] = await Promise.all([again, early, ...[1, 2, 4, 8].map((turns) => after(turns, remove))])
        if (!t.store.capabilities.atomicUpdate) continue
        same(await t.store.get(key), { value: 'new', version: next }, 'get() after all')
      }
    },
  ],
]
