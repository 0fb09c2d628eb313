import { describe, expect, test } from 'vitest'
import { memoryStore } from 'wafer-session/stores/memory'
import { describeStore, fakeClock, laggingStore, type StoreUnderTest } from 'wafer-session/testing'
import * as broken from '../support/broken-stores.ts'
import { failures, recordingFramework } from '../support/recording-framework.ts'

const { changed, declaring, lagging } = broken

/** The failing tests, by how their titles begin where that is enough. */
async function failing(create: () => StoreUnderTest, expected: readonly string[]): Promise<string[]> {
  const titles = Object.keys(await failures(create))
  return titles.map((title) => expected.find((start) => title.startsWith(start)) ?? title).toSorted()
}

describe('describeStore accepts', () => {
  test.each<[string, () => StoreUnderTest]>([
    ['a sound store', () => changed()],
    ['a store by itself', () => memoryStore()],
    ['a store without getMany', () => changed(() => ({ getMany: undefined as never }))],
    ['a store without an index', () => declaring({ index: false }, () => ({ list: undefined as never }))],
    ['an index that is ordered', () => declaring({ index: 'ordered' })],
    ['two places that lag as they say', () => lagging(60)],
    ['a store that gives no bound', () => lagging(600, unbounded)],
    ['a short lag, which it waits for', waitedFor],
    ['lost updates of a store that says it cannot compare and set', () => loose(broken.lastWriteWins)],
    ['deleted records put back by such a store', () => loose(broken.putsBack)],
    ['two winners of create() of such a store', () => loose(broken.createLooksFirst)],
    ['a newer version deleted by such a store', () => loose(broken.deleteLooksFirst)],
    [
      'an index that comes late and says so',
      () => declaring({ index: { staleFor: 1 } }, broken.indexComesLate),
    ],
  ])('%s', async (_, create) => {
    expect(await failures(create)).toEqual({})
  })
})

describe('describeStore refuses', () => {
  test.each<[string, () => StoreUnderTest, string[]]>([
    [
      'an update by get and put that is declared atomic',
      () => changed(broken.lastWriteWins),
      ['update() of one version by many at once'],
    ],
    [
      'an update that undoes a delete under way',
      () => changed(broken.putsBack),
      ['update() against delete(): '],
    ],
    [
      'an update that resurrects',
      () => changed(broken.resurrects),
      [
        'update() against delete(): ',
        'update() never resurrects',
        'update() of a record that is gone puts nothing into a list',
        'update() of an expired record is null',
      ],
    ],
    [
      'a create that overwrites',
      () => changed(broken.createOverwrites),
      ['create() of a taken key is null', 'create() of a taken key leaves the tags alone'],
    ],
    ['a create that looks first', () => changed(broken.createLooksFirst), ['create() by many at once']],
    [
      'a delete by version that looks first',
      () => changed(broken.deleteLooksFirst),
      ['delete() of an old version against', 'update() against delete() of the same version'],
    ],
    [
      'a delete that takes any version',
      () => changed(broken.deleteForgetsVersion),
      [
        'create() of an expired key',
        'delete() of an old version against',
        'delete() takes a record out of its lists',
        'delete() with a version',
        'update() against delete() of the same version',
        'update() and delete() of a version from before',
      ],
    ],
    ['an index that comes late', () => changed(broken.indexComesLate), ['list() while others write']],
    [
      'an ordered index that comes late',
      () => declaring({ index: 'ordered' }, broken.indexComesLate),
      ['list() while others write'],
    ],
    [
      'a list that misses some',
      () => changed(broken.listMisses),
      ['a hostile key is listed', 'list() shows all the records of a tag', 'list() while others write'],
    ],
    [
      'an update that drops the tags',
      () => changed(broken.updateDropsTags),
      [
        'create() and update() copy',
        'delete() takes',
        'update() moves expiresAt',
        'update() that loses',
        'update() without tags',
      ],
    ],
    [
      'an update that keeps the tags',
      () => changed(broken.updateKeepsTags),
      ['a tag and a key that join', 'list() through another client', 'update() with tags replaces'],
    ],
    [
      'versions that start again after a delete',
      () => changed(broken.versionsStartAgain),
      [
        'a version is never given twice',
        'create() of an expired key',
        'delete() of an old version against',
        'update() and delete() of a version from before',
      ],
    ],
    [
      'versions made from the value',
      () => changed(broken.versionOfValue),
      ['a version is never given twice', 'update() and delete() of a version from before'],
    ],
    [
      'expired records that are served',
      () => expiredServed(),
      [
        'a record that is born expired',
        'create() of an expired key',
        'get() and getMany() give a record',
        'list() does not show a record',
        'update() moves expiresAt',
        'update() of an expired record',
      ],
    ],
    [
      'a client that deserialises',
      () => changed(broken.deserialises),
      ['a value comes back as it was', 'getMany() gives what get() gives'],
    ],
    ['a value that is cut', () => changed(broken.cuts), ['a value of 100 kB']],
    [
      'a lost __proto__',
      () => changed(broken.losesProto),
      ['a hostile key is listed', 'a key may be any string'],
    ],
    [
      'keys in lower case',
      () => changed(broken.mappingKeys((key) => key.toLowerCase())),
      ['a hostile key is listed', 'a key may be any string'],
    ],
    [
      'keys without their ends',
      () => changed(broken.mappingKeys((key) => key.trim())),
      ['a hostile key is listed', 'a key may be any string', 'a tag and a key that join'],
    ],
    [
      'keys that are composed',
      () => changed(broken.mappingKeys((key) => key.normalize())),
      ['a hostile key is listed', 'a key may be any string'],
    ],
    [
      'keys that are cut',
      () => changed(broken.mappingKeys((key) => key.slice(0, 250))),
      ['a key or tag of 500 characters'],
    ],
    [
      'a getMany without what is missing',
      () => changed(broken.getManySkips),
      ['get() and getMany() give a record', 'getMany() gives what get() gives', 'list() while others write'],
    ],
    ['an expiry that never moves', () => changed(broken.neverMovesExpiry), ['update() moves expiresAt']],
    [
      'two places that lag and say strong',
      () => lagging(60, { consistency: 'strong' }),
      ['get() through another client'],
    ],
    [
      'a lag longer than declared',
      () => lagging(61, { consistency: { staleFor: 60 } }),
      ['get() through another client'],
    ],
    [
      'two systems that say they are one',
      () => ({ ...changed(), peer: memoryStore() }),
      [
        'create() by many at once',
        'delete() of an old version against',
        'get() through another client',
        'list() through another client',
        'list() while others write',
        'update() against delete(): ',
      ],
    ],
    ['an index of joined names', () => changed(broken.joinsTagAndKey), ['a tag and a key that join']],
    [
      'a list that shows the dead',
      () => changed(broken.listShowsDead),
      [
        'a hostile key is listed',
        'a record that is born expired',
        'a tag and a key that join',
        'create() after delete()',
        'create() of a taken key leaves the tags',
        'create() of an expired key',
        'delete() takes',
        'list() does not show',
        'list() through another client',
        'list() while others write',
        'update() moves expiresAt',
        'update() with tags replaces',
        'update() without tags',
      ],
    ],
    [
      'lists that lag and say atomic',
      () => lagging(60, { index: 'atomic' }),
      ['list() through another client'],
    ],
    [
      'lists that lag longer than declared',
      () => lagging(61, { index: { staleFor: 60 } }),
      ['list() through another client'],
    ],
    [
      'capabilities that are none',
      () => declaring({ atomicUpdate: 'yes' as never }),
      ['capabilities are well-formed'],
    ],
    [
      'a lag of no seconds',
      () => declaring({ consistency: { staleFor: 0 } }),
      ['capabilities are well-formed'],
    ],
    [
      'an index that is not there',
      () => changed(() => ({ list: undefined as never })),
      ['list() is there unless', 'list() through another', 'list() while others write'],
    ],
    ['an index that is not declared', () => declaring({ index: false }), ['list() is there unless']],
    ['a lag that nobody waits for', () => memoryOf({ staleFor: 6 }), ['get() through another client']],
  ])('%s', async (_, create, expected) => {
    expect(await failing(create, expected)).toEqual(expected)
  })
})

describe('describeStore says', () => {
  test.each<[string, () => StoreUnderTest, string, string]>([
    [
      'which key',
      () => changed(broken.losesProto),
      'a key may be any string, and is no other key',
      'get("__proto__") is null, not "value of __proto__"',
    ],
    [
      'how many won',
      () => changed(broken.lastWriteWins),
      'update() of one version by many at once: one wins, where atomicUpdate says so',
      'the number of winners of 20 update() of one version is 20, not 1',
    ],
    [
      'what a client deserialised',
      () => changed(broken.deserialises),
      'a value comes back as it was, whatever it looks like',
      'get() after create() is 0, not "0"',
    ],
    [
      'what it cannot wait for',
      () => memoryOf({ staleFor: 60 }),
      'get() through another client sees every write, as soon as consistency says',
      'staleFor: 60 is too long to wait for: give describeStore() an advance(seconds)',
    ],
    [
      'what the store threw',
      () => changed(broken.throwsForMissing),
      'get() of what was never written is null',
      '404',
    ],
    [
      'that the clock it reads is not the one it advances',
      () => ({
        store: memoryStore({ clock: fakeClock(0) }),
        advance: fakeClock().advance,
        now: fakeClock(0),
      }),
      'update() of an expired record is null, and does not resurrect it',
      'advance() does not move the clock that now() reads: pass now() as well',
    ],
  ])('%s', async (_, create, title, message) => {
    expect((await failures(create))[title]).toBe(message)
  })
})

describe('describeStore', () => {
  test('defines its tests at once, under its name, and calls create before each and close after it', async () => {
    const framework = recordingFramework()
    const open = new Set<number>()
    let created = 0
    let most = 0
    const create = async () => {
      const number = ++created
      open.add(number)
      most = Math.max(most, open.size)
      return { ...changed(), close: () => open.delete(number) }
    }
    expect(describeStore('mine', create, framework)).toBeUndefined()
    expect(created).toBe(0)
    const outcomes = await framework.run()
    expect(outcomes.map(({ error }) => error).filter(Boolean)).toEqual([])
    expect(outcomes.every(({ name }) => name.startsWith('mine > '))).toBe(true)
    expect(new Set(outcomes.map(({ name }) => name)).size).toBe(outcomes.length)
    expect([created, most, open.size]).toEqual([outcomes.length, outcomes.length, 0])
  })

  test('closes what a failing test leaves, and fails what cannot be created', async () => {
    let closed = 0
    const failed = await failures(() => ({ ...changed(broken.throwsForMissing), close: () => closed++ }))
    expect(Object.keys(failed).length).toBeGreaterThan(5)
    expect(closed).toBeGreaterThan(Object.keys(failed).length)

    const unavailable = await failures(() => Promise.reject(new Error('connection refused')))
    expect(new Set(Object.values(unavailable))).toEqual(new Set(['connection refused']))
  })

  test('runs on one system for all of its tests, and again where the last run left its records', async () => {
    const system = changed()
    for (const _ of [1, 2]) {
      const framework = recordingFramework()
      describeStore('shared', () => system, framework)
      const failed: string[] = []
      for (const outcome of await framework.run(1)) if (outcome.error) failed.push(outcome.name)
      expect(failed).toEqual([])
    }
  })
})

const unbounded = {
  consistency: { staleFor: Number.POSITIVE_INFINITY },
  index: { staleFor: Number.POSITIVE_INFINITY },
} as const

/** Nothing can race where nothing is promised. */
function loose(change: Parameters<typeof changed>[0]): StoreUnderTest {
  return declaring({ atomicUpdate: false }, change)
}

function waitedFor(): StoreUnderTest {
  const origin = memoryStore()
  const place = () => laggingStore(origin, { staleFor: 0.1, clock: Date.now })
  return { store: place(), peer: place() }
}

function expiredServed(): StoreUnderTest {
  const clock = fakeClock()
  return { store: memoryStore({ clock: () => 0 }), advance: clock.advance, now: clock }
}

function memoryOf(consistency: { staleFor: number }): StoreUnderTest {
  const store = memoryStore()
  return { ...store, capabilities: { ...store.capabilities, consistency } }
}
