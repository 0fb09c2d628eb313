import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { durableObjectStore, type SessionObjectNamespace } from 'wafer-session/stores/durable-object'
import { describeStore, fakeClock } from 'wafer-session/testing'

describeStore('durableObjectStore', () => ({
  store: durableObjectStore(env.SESSIONS),
  peer: durableObjectStore(env.SESSIONS),
}))

const MINUTE = 60_000
const soon = () => Date.now() + 30 * MINUTE
const unique = () => crypto.randomUUID()

/** The objects by their names, as the store makes them. */
const at = (name: string) => env.SESSIONS.get(env.SESSIONS.idFromName(name))
const recordOf = (key: string) => at(`record:${JSON.stringify(key)}`)
const indexOf = (tag: string) => at(`tag:${JSON.stringify(tag)}`)

/** What the object keeps on disk, and when its alarm is due. */
function inside(object: object) {
  return runInDurableObject(object, async (_, { storage }) => {
    const tables = [...storage.sql.exec('SELECT name FROM sqlite_master')].map(({ name }) => name)
    const names = [...storage.kv.list()].map(([name]) => name)
    return { names, alarm: await storage.getAlarm(), tables }
  })
}

/** Of an object that ceases to exist when it leaves memory. */
const nothing = { names: [], alarm: null, tables: [] }

/** Objects run beside the tests and read this clock; alarms ring by the real one, so it starts there. */
function controlled() {
  const clock = fakeClock(Date.now())
  vi.spyOn(Date, 'now').mockImplementation(clock)
  return clock
}

/** A store, and the calls that it makes, by the name of the object. */
function counted(before: (call: string) => unknown = () => {}) {
  const calls: string[] = []
  const namespace: SessionObjectNamespace = {
    idFromName: (name) => name,
    get: (id) =>
      new Proxy(at(String(id)), {
        get:
          (_, method) =>
          async (...given: unknown[]) => {
            const call = `${String(id).replace(/:.*/, '')}.${String(method)}`
            calls.push(call)
            await before(call)
            const stub = at(String(id)) as unknown as Record<typeof method, (...given: unknown[]) => unknown>
            return stub[method]?.(...given)
          },
      }),
  }
  const of = async (action: () => Promise<unknown>) => {
    calls.length = 0
    await action()
    return [...calls]
  }
  return { store: durableObjectStore(namespace), of }
}

const store = durableObjectStore(env.SESSIONS)

afterEach(() => {
  vi.restoreAllMocks()
})

describe('calls', () => {
  test('get() is one, and so are create(), update() and delete() without tags', async () => {
    const { store, of } = counted()
    const key = unique()
    let version: string | null = null
    expect(
      await of(async () => {
        version = await store.create(key, 'a', { expiresAt: soon() })
      }),
    ).toEqual(['record.create'])
    expect(await of(() => store.get(key))).toEqual(['record.read'])
    expect(
      await of(async () => {
        version = await store.update(key, 'b', { expiresAt: soon() + MINUTE, version: String(version) })
      }),
    ).toEqual(['record.update'])
    expect(await of(() => store.delete(key, { version: String(version) }))).toEqual(['record.remove'])
    expect(version).not.toBeNull()
  })

  test('create() enters a record under its tags first, delete() removes it from there last', async () => {
    const { store, of } = counted()
    const [key, tags] = [unique(), [unique(), unique()]]
    const create = () => store.create(key, 'a', { expiresAt: soon(), tags })
    expect(await of(create)).toEqual(['tag.enlist', 'tag.enlist', 'record.create'])
    expect(await of(() => store.list?.(tags[0] ?? '') ?? Promise.reject())).toEqual([
      'tag.keys',
      'record.hasTag',
    ])
    expect(await of(() => store.delete(key))).toEqual(['record.remove', 'tag.delist', 'tag.delist'])
  })

  test('update() is one as long as entries outlive the record, with the same tags or none given', async () => {
    const clock = controlled()
    const { store, of } = counted()
    const [key, tag] = [unique(), unique()]
    let version = String(await store.create(key, 'a', { expiresAt: soon(), tags: [tag] }))
    const touch = async () => {
      version = String(await store.update(key, 'a', { expiresAt: soon(), version, tags: undefined }))
    }
    const counts: number[] = []
    for (let i = 0; i < 20; i++) {
      clock.advance(3 * 60)
      counts.push((await of(touch)).length)
    }
    // Every tenth of the idle time for an hour: once in each half hour the entry has to move on, before the record does.
    expect(counts.filter((count) => count !== 1)).toEqual([3])
    const same = () => store.update(key, 'b', { expiresAt: soon(), version, tags: [tag] })
    expect(await of(same)).toEqual(['record.update'])
    expect(await store.list?.(tag)).toEqual([key])
  })

  test('update() with another tag enters it before the record has it, and removes the old one after', async () => {
    const { store, of } = counted()
    const [key, old, tag] = [unique(), unique(), unique()]
    const version = String(await store.create(key, 'a', { expiresAt: soon(), tags: [old] }))
    const update = () => store.update(key, 'b', { expiresAt: soon(), version, tags: [tag] })
    expect(await of(update)).toEqual(['record.update', 'tag.enlist', 'record.update', 'tag.delist'])
    expect(await inside(indexOf(old))).toEqual(nothing)
    expect(await store.list?.(tag)).toEqual([key])
  })

  test('update() that loses calls no index', async () => {
    const { store, of } = counted()
    const [key, tag] = [unique(), unique()]
    await store.create(key, 'a', { expiresAt: soon() })
    const lost = () => store.update(key, 'b', { expiresAt: soon(), version: 'old', tags: [tag] })
    expect(await of(lost)).toEqual(['record.update'])
    expect(await inside(indexOf(tag))).toEqual(nothing)
  })

  test('errors of an object go through', async () => {
    const { store } = counted(() => Promise.reject(new Error('The object is overloaded.')))
    const expiresAt = soon()
    const calls = [
      () => store.get('k'),
      () => store.create('k', 'v', { expiresAt }),
      () => store.update('k', 'v', { expiresAt, version: 'v' }),
      () => store.delete('k'),
      () => store.list?.('t'),
    ]
    for (const call of calls) await expect(call()).rejects.toThrow('overloaded')
  })
})

describe('storage', () => {
  test('get(), update(), delete() and list() of what is not there leave nothing behind', async () => {
    const [key, tag] = [unique(), unique()]
    expect(await store.get(key)).toBeNull()
    expect(await store.update(key, 'v', { expiresAt: soon(), version: 'v', tags: [tag] })).toBeNull()
    await store.delete(key)
    expect(await store.list?.(tag)).toEqual([])
    expect(await inside(recordOf(key))).toEqual(nothing)
    expect(await inside(indexOf(tag))).toEqual(nothing)
  })

  test('a record and its entry stay through an eviction: an object keeps nothing in memory', async () => {
    const [key, tag] = [unique(), unique()]
    const version = await store.create(key, 'v', { expiresAt: soon(), tags: [tag] })
    await evictDurableObject(recordOf(key))
    await evictDurableObject(indexOf(tag))
    expect(await store.get(key)).toEqual({ value: 'v', version })
    expect(await store.list?.(tag)).toEqual([key])
  })

  test('the alarm is set to expiresAt, and update() moves it', async () => {
    const [key, expiresAt] = [unique(), soon()]
    const version = String(await store.create(key, 'v', { expiresAt }))
    expect((await inside(recordOf(key))).alarm).toBe(expiresAt)
    await store.update(key, 'v', { expiresAt: expiresAt + MINUTE, version })
    expect((await inside(recordOf(key))).alarm).toBe(expiresAt + MINUTE)
  })

  test('delete() leaves neither record, entry nor alarm', async () => {
    const [key, tag] = [unique(), unique()]
    await store.create(key, 'v', { expiresAt: soon(), tags: [tag] })
    expect(await inside(recordOf(key))).toMatchObject({
      names: ['record'],
      tables: ['_cf_KV', '_cf_METADATA'],
    })
    await store.delete(key)
    expect(await inside(recordOf(key))).toEqual(nothing)
    expect(await inside(indexOf(tag))).toEqual(nothing)
  })

  test('the alarm of an expired record leaves nothing, and neither does that of its tag', async () => {
    const clock = controlled()
    const [key, tag] = [unique(), unique()]
    await store.create(key, 'v', { expiresAt: soon(), tags: [tag] })
    clock.advance(30 * 60)
    expect(await store.get(key)).toBeNull()
    expect(await runDurableObjectAlarm(recordOf(key))).toBe(true)
    expect(await inside(recordOf(key))).toEqual(nothing)
    clock.advance(30 * 60)
    expect(await runDurableObjectAlarm(indexOf(tag))).toBe(true)
    expect(await inside(indexOf(tag))).toEqual(nothing)
  })

  test('an alarm rings by itself', async () => {
    const [key, tag] = [unique(), unique()]
    await store.create(key, 'v', { expiresAt: Date.now() + 200, tags: [tag] })
    await vi.waitFor(async () => expect(await inside(recordOf(key))).toEqual(nothing), 10_000)
  })

  test('an alarm that rings for a record that was renewed meanwhile waits for the new end', async () => {
    const clock = controlled()
    const [key, tag] = [unique(), unique()]
    const expiresAt = soon()
    const version = await store.create(key, 'v', { expiresAt, tags: [tag] })
    clock.advance(29 * 60)
    for (const object of [recordOf(key), indexOf(tag)]) {
      expect(await runDurableObjectAlarm(object)).toBe(true)
      expect((await inside(object)).alarm).toBeGreaterThanOrEqual(expiresAt)
    }
    expect(await store.get(key)).toEqual({ value: 'v', version })
    expect(await store.list?.(tag)).toEqual([key])
  })

  test('an index forgets what has expired when something else is entered', async () => {
    const clock = controlled()
    const [old, key, tag] = [unique(), unique(), unique()]
    await store.create(old, 'v', { expiresAt: soon(), tags: [tag] })
    clock.advance(61 * 60)
    await store.create(key, 'v', { expiresAt: soon(), tags: [tag] })
    expect((await inside(indexOf(tag))).names).toEqual([JSON.stringify(key)])
  })
})

describe('the order of an index', () => {
  test('create() that fails at the record has entered it, and list() does not show it', async () => {
    const { store: broken } = counted((call) =>
      call === 'record.create' ? Promise.reject(new Error('lost')) : undefined,
    )
    const [key, tag] = [unique(), unique()]
    await expect(broken.create(key, 'v', { expiresAt: soon(), tags: [tag] })).rejects.toThrow('lost')
    expect((await inside(indexOf(tag))).names).toEqual([JSON.stringify(key)])
    expect(await store.list?.(tag)).toEqual([])
  })

  test('delete() whose last step comes late leaves the entry of a newer record alone', async () => {
    const [key, tag] = [unique(), unique()]
    const again = async (call: string) => {
      if (call === 'tag.delist') await store.create(key, 'new', { expiresAt: soon(), tags: [tag] })
    }
    await store.create(key, 'old', { expiresAt: soon(), tags: [tag] })
    await counted(again).store.delete(key)
    expect((await store.get(key))?.value).toBe('new')
    expect(await store.list?.(tag)).toEqual([key])
  })

  test('update() whose last step comes late leaves the entry of a newer update alone', async () => {
    const [key, tag] = [unique(), unique()]
    const again = async (call: string) => {
      if (call !== 'tag.delist') return
      const version = String((await store.get(key))?.version)
      await store.update(key, 'tagged again', { expiresAt: soon(), version, tags: [tag] })
    }
    const version = String(await store.create(key, 'v', { expiresAt: soon(), tags: [tag] }))
    await counted(again).store.update(key, 'untagged', { expiresAt: soon(), version, tags: [] })
    expect((await store.get(key))?.value).toBe('tagged again')
    expect(await store.list?.(tag)).toEqual([key])
  })

  test('create() of a taken key with a shorter life does not shorten the entry of the record there', async () => {
    const clock = controlled()
    const [key, tags] = [unique(), [unique()]]
    await store.create(key, 'v', { expiresAt: soon(), tags })
    expect(await store.create(key, 'lost', { expiresAt: Date.now() + MINUTE, tags })).toBeNull()
    clock.advance(29 * 60)
    await runDurableObjectAlarm(indexOf(tags[0] ?? ''))
    expect(await store.list?.(tags[0] ?? '')).toEqual([key])
  })

  test('an entry never ends before its record, however often that is renewed', async () => {
    const clock = controlled()
    const [key, tag] = [unique(), unique()]
    let version = String(await store.create(key, 'v', { expiresAt: soon(), tags: [tag] }))
    for (let i = 0; i < 12; i++) {
      clock.advance(29 * 60)
      version = String(await store.update(key, 'v', { expiresAt: soon(), version }))
      await runDurableObjectAlarm(indexOf(tag))
      expect(await store.list?.(tag)).toEqual([key])
    }
  })
})

test('halves of surrogate pairs are keys and tags of their own', async () => {
  const names = ['\ud800', '\ud801', '\ufffd'].map((half) => unique() + half)
  const [first = ''] = names
  const alike = [first, first.replace('\ud800', '\ud801'), first.replace('\ud800', '\ufffd')]
  for (const name of alike) await store.create(name, name, { expiresAt: soon(), tags: [name] })
  for (const name of alike) {
    expect((await store.get(name))?.value).toBe(name)
    expect(await store.list?.(name)).toEqual([name])
  }
})

test('create() and update() by two handles to one object: what one writes the other sees at once', async () => {
  const [one, two] = [durableObjectStore(env.SESSIONS), durableObjectStore(env.SESSIONS)]
  const key = unique()
  const version = String(await one.create(key, 'first', { expiresAt: soon() }))
  expect(await two.update(key, 'second', { expiresAt: soon(), version })).not.toBeNull()
  expect(await one.update(key, 'third', { expiresAt: soon(), version })).toBeNull()
  expect((await one.get(key))?.value).toBe('second')
})

test('durableObjectStore says at once what it wants when the binding is missing', () => {
  const store = () => durableObjectStore(undefined as never)
  expect(store).toThrow(TypeError)
  expect(store).toThrow('durableObjectStore wants the namespace of SessionObject, not undefined.')
})
