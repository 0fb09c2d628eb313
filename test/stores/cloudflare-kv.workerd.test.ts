import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { type KVBinding, kvStore } from 'wafer-session/stores/cloudflare-kv'
import { describeStore, fakeClock } from 'wafer-session/testing'

describeStore('kvStore', () => {
  const clock = fakeClock()
  const at = () => kvStore(env.KV, { clock })
  return { store: at(), peer: at(), advance: clock.advance, now: clock }
})

describeStore('kvStore without a prefix, seen from two locations', () => {
  const clock = fakeClock()
  const at = () => kvStore(location(clock), { prefix: '', clock })
  return { store: at(), peer: at(), advance: clock.advance, now: clock }
})

const HOUR = 3_600_000
const later = () => Date.now() + HOUR
const unique = () => crypto.randomUUID()

/** A store on real KV under a prefix of its own, with each operation on record. */
function counted(clock: () => number = Date.now) {
  const operations: { name: string; given: readonly unknown[] }[] = []
  const prefix = `${unique()}:`
  const kv = new Proxy(env.KV, {
    get(target, name: keyof KVBinding) {
      const method = target[name] as (...given: unknown[]) => unknown
      return (...given: unknown[]) => {
        operations.push({ name, given })
        return method.apply(target, given)
      }
    },
  })
  const during = async (action: () => Promise<unknown>) => {
    operations.length = 0
    await action()
    return operations.map(({ name }) => name)
  }
  return { store: kvStore(kv, { prefix, clock }), prefix, operations, during }
}

/**
 * Real KV as one place of the network may show it: what was read, also that there was nothing, for the 60 seconds that
 * KV speaks of, unless it was written from here; lists for 60 seconds in any case.
 */
function location(clock: () => number): KVBinding {
  const cache = new Map<string, { readonly answer: Promise<unknown>; readonly until: number }>()
  const cached = async <Answer>(name: string, read: () => Promise<Answer>) => {
    await new Promise((resolve) => setTimeout(resolve)) // A cache is asked over the network too.
    const known = cache.get(name)
    if (known && clock() < known.until) return known.answer as Promise<Answer>
    const answer = read()
    cache.set(name, { answer, until: clock() + 60_000 })
    return answer
  }
  const one = (name: string) => cached(`get ${name}`, () => env.KV.get(name, { type: 'text', cacheTtl: 30 }))
  const many = async (names: readonly string[]) =>
    new Map(await Promise.all(names.map(async (name) => [name, await one(name)] as const)))
  const written = (name: string, write: Promise<void>) => write.finally(() => cache.delete(`get ${name}`))
  return {
    get: ((name: string | string[]) =>
      typeof name === 'string' ? one(name) : many(name)) as KVBinding['get'],
    put: (name, value, options) => written(name, env.KV.put(name, value, options)),
    delete: (name) => written(name, env.KV.delete(name)),
    list: (options) => cached(`list ${JSON.stringify(options)}`, () => env.KV.list(options)),
  }
}

/** What KV has under a prefix, and until when, in seconds since the epoch. */
async function stored(prefix: string) {
  const { keys } = await env.KV.list({ prefix, cursor: null })
  return keys as readonly { readonly name: string; readonly expiration: number }[]
}

describe('operations', () => {
  test('get() is one; getMany() is one for each hundred, and none for no keys', async () => {
    const { store, during } = counted()
    const keys = Array.from({ length: 201 }, unique)
    for (const key of keys.slice(0, 2)) await store.create(key, key, { expiresAt: later() })
    expect(await during(() => store.get(unique()))).toEqual(['get'])
    const read = () => store.getMany?.([...keys, ...keys]) ?? Promise.reject()
    expect(await during(read)).toEqual(['get', 'get', 'get'])
    const values = (await read()).map((record) => record?.value)
    expect(values.filter((value) => value !== undefined)).toEqual([...keys.slice(0, 2), ...keys.slice(0, 2)])
    expect(await during(() => store.getMany?.([]) ?? Promise.reject())).toEqual([])
  })

  test('a read asks for nothing older than 30 seconds', async () => {
    const { store, operations, during } = counted()
    await during(async () => {
      await store.get('k')
      await store.getMany?.(['k', 'l'])
    })
    expect(operations.map(({ given: [, options] }) => options)).toEqual([
      { type: 'text', cacheTtl: 30 },
      { type: 'text', cacheTtl: 30 },
    ])
  })

  test('create() and update() are a read and a write, and a write more for each tag to list', async () => {
    const { store, during } = counted()
    const [expiresAt, tags] = [later(), ['one', 'two']]
    let version = ''
    const create = async () => {
      version = String(await store.create('k', 'v', { expiresAt, tags }))
    }
    const update = (changed: object) => async () => {
      version = String(await store.update('k', 'v', { expiresAt, version, ...changed }))
    }
    expect(await during(create)).toEqual(['get', 'put', 'put', 'put'])
    expect(await during(update({}))).toEqual(['get', 'put'])
    expect(await during(update({ tags }))).toEqual(['get', 'put'])
    expect(await during(update({ expiresAt: expiresAt + HOUR }))).toEqual(['get', 'put', 'put', 'put'])
    expect(await during(update({ tags: ['two'] }))).toEqual(['get', 'put', 'delete'])
    expect(await during(() => store.create('k', 'v', { expiresAt }))).toEqual(['get'])
    expect(await during(() => store.update('k', 'v', { expiresAt, version: 'old' }))).toEqual(['get'])
  })

  test('delete() with tags does not read, and without them takes the entries away all the same', async () => {
    const { store, during, prefix } = counted()
    const tags = ['one', 'two']
    await store.create('k', 'v', { expiresAt: later(), tags })
    expect(await during(() => store.delete('k', { tags }))).toEqual(['delete', 'delete', 'delete'])
    expect(await stored(prefix)).toEqual([])
    const version = String(await store.create('k', 'v', { expiresAt: later(), tags }))
    expect(await during(() => store.delete('k', { version: 'old' }))).toEqual(['get'])
    expect(await during(() => store.delete('k', { version }))).toEqual(['get', 'delete', 'delete', 'delete'])
    expect(await stored(prefix)).toEqual([])
  })
})

describe('lifetimes', () => {
  test('KV refuses what the store rounds up: a life of less than 60 seconds', async () => {
    await expect(env.KV.put(unique(), 'v', { expirationTtl: 59 })).rejects.toThrow('at least 60')
    const { store, prefix } = counted()
    const [before, expiresAt] = [Date.now(), Date.now() + 10_000]
    expect(await store.create('k', 'v', { expiresAt, tags: ['t'] })).not.toBeNull()
    for (const { expiration } of await stored(prefix)) {
      expect(expiration).toBeGreaterThanOrEqual(Math.floor(before / 1000) + 60)
      expect(expiration).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 60)
    }
  })

  test('a record that KV still has is gone at its own expiresAt, to the millisecond', async () => {
    const clock = fakeClock(Date.now())
    const { store, prefix } = counted(clock)
    const expiresAt = clock() + 10_000
    const version = String(await store.create('k', 'v', { expiresAt, tags: ['t'] }))
    clock.set(expiresAt - 1)
    expect(await store.get('k')).toEqual({ value: 'v', version })
    clock.set(expiresAt)
    expect(await store.get('k')).toBeNull()
    expect(await store.getMany?.(['k'])).toEqual([null])
    expect(await store.list?.('t')).toEqual([])
    expect(await store.update('k', 'undead', { expiresAt: expiresAt + HOUR, version })).toBeNull()
    expect(await stored(prefix)).toHaveLength(2)
  })

  test('KV drops records and entries by itself, an entry never before its record', async () => {
    const { store, prefix } = counted()
    const expiresAt = Date.now() + 90_500
    let version = String(await store.create('k', 'v', { expiresAt, tags: ['t'] }))
    for (const end of [expiresAt, expiresAt + HOUR, expiresAt + 2 * HOUR]) {
      version = String(await store.update('k', 'v', { expiresAt: end, version }))
      const [record, entry] = await stored(prefix)
      expect(record?.name).toContain('record')
      expect(Number(record?.expiration) * 1000).toBeGreaterThan(end - 1000)
      expect(Number(record?.expiration) * 1000).toBeLessThan(end + 2000)
      expect(Number(entry?.expiration)).toBeGreaterThanOrEqual(Number(record?.expiration) - 1)
    }
  })
})

describe('names', () => {
  test('what KV refuses as a name is a key like any other, also without a prefix', async () => {
    await expect(env.KV.put('.', 'v', { expirationTtl: 60 })).rejects.toThrow()
    const store = kvStore(env.KV, { prefix: '' })
    for (const key of ['', '.', '..']) {
      await store.delete(key)
      await store.create(key, `of ${key}`, { expiresAt: later() })
      expect((await store.get(key))?.value).toBe(`of ${key}`)
      await store.delete(key)
    }
  })

  test('halves of surrogate pairs, all alike in UTF-8, are keys and tags of their own', async () => {
    const { store } = counted()
    const alike = ['\ud800', '\ud801', '\ufffd']
    for (const name of alike) await store.create(name, name, { expiresAt: later(), tags: [name] })
    for (const name of alike) {
      expect((await store.get(name))?.value).toBe(name)
      expect(await store.list?.(name)).toEqual([name])
    }
  })

  test('a key of which the name fits in 512 bytes is kept, by characters of any size', async () => {
    const { store, prefix } = counted()
    const room = 512 - `${prefix}record:""`.length
    for (const key of ['k'.repeat(room), '\u00e9'.repeat(room / 2), '\u{1f36a}'.repeat(room / 4)]) {
      await store.create(key, 'v', { expiresAt: later() })
      expect((await store.get(key))?.value).toBe('v')
      await expect(store.create(`${key}....`, 'v', { expiresAt: later() })).rejects.toThrow(RangeError)
    }
  })

  test('a key that is too long has no record, and KV is not asked', async () => {
    const { store, during } = counted()
    const key = 'k'.repeat(513)
    const read = async () => {
      expect(await store.get(key)).toBeNull()
      expect(await store.getMany?.([key])).toEqual([null])
      expect(await store.list?.(key)).toEqual([])
      expect(await store.update(key, 'v', { expiresAt: later(), version: 'v' })).toBeNull()
      await store.delete(key)
      await store.delete('short', { tags: [key] })
    }
    expect(await during(read)).toEqual(['delete'])
  })

  test('a tag that is too long to be listed is refused before anything is written', async () => {
    const { store, prefix } = counted()
    const [tag, expiresAt] = ['t'.repeat(450), later()]
    await expect(store.create('k'.repeat(100), 'v', { expiresAt, tags: ['short', tag] })).rejects.toThrow(
      'at most 512 bytes',
    )
    expect(await stored(prefix)).toEqual([])
    const version = String(await store.create('k', 'v', { expiresAt }))
    const tags = ['t'.repeat(513)]
    await expect(store.update('k', 'v', { expiresAt, version, tags })).rejects.toThrow(RangeError)
    expect(await store.get('k')).toEqual({ value: 'v', version })
  })

  test('tags may have more than the 1024 bytes that KV takes as metadata', async () => {
    const { store } = counted()
    const tags = Array.from({ length: 40 }, unique)
    await store.create('k', 'v', { expiresAt: later(), tags })
    for (const tag of tags) expect(await store.list?.(tag)).toEqual(['k'])
  })

  test('stores of different prefixes see nothing of each other, even where one prefix begins the other', async () => {
    const { store, prefix } = counted()
    const inner = kvStore(env.KV, { prefix: `${prefix}record:` })
    await store.create('k', 'outer', { expiresAt: later(), tags: ['t'] })
    await inner.create('k', 'inner', { expiresAt: later(), tags: ['t'] })
    expect([(await store.get('k'))?.value, (await inner.get('k'))?.value]).toEqual(['outer', 'inner'])
    await inner.delete('k')
    expect([await store.list?.('t'), await inner.list?.('t')]).toEqual([['k'], []])
  })
})

describe('list()', () => {
  test('goes through every page of more than 1,000 entries, and reads records by the hundred', async () => {
    const { store, prefix, during } = counted()
    const keys = Array.from({ length: 1_005 }, (_, i) => `key-${String(i).padStart(4, '0')}`)
    // At the ends of each page and hundred; of the others the entries alone, which is quicker.
    const there = keys.filter((key) => /00$|99$|-1/.test(key))
    await Promise.all(there.map((key) => store.create(key, key, { expiresAt: later(), tags: ['t'] })))
    const [{ name = '' } = {}] = await stored(`${prefix}tag:`)
    const absent = keys.filter((key) => !there.includes(key))
    const entries = absent.map((key) => name.replace('key-0000', key))
    await Promise.all(entries.map((entry) => env.KV.put(entry, '', { expirationTtl: 3600 })))
    let listed: string[] = []
    const list = async () => {
      listed = (await store.list?.('t')) ?? []
    }
    expect((await during(list)).toSorted()).toEqual([...Array(11).fill('get'), 'list', 'list'])
    expect(listed.toSorted()).toEqual(there)
  }, 60_000)

  test('does not trust an entry whose record has gone, or has lost the tag', async () => {
    const { store, prefix } = counted()
    const expiresAt = later()
    for (const key of ['gone', 'moved', 'there']) await store.create(key, 'v', { expiresAt, tags: ['t'] })
    const entries = await stored(`${prefix}tag:`)
    await store.delete('gone')
    const version = String((await store.get('moved'))?.version)
    await store.update('moved', 'v', { expiresAt, version, tags: ['other'] })
    // As another location has it, where the entries are still cached.
    for (const { name } of entries) await env.KV.put(name, '', { expirationTtl: 60 })
    expect(await store.list?.('t')).toEqual(['there'])
    expect(await store.list?.('other')).toEqual(['moved'])
  })
})

describe('trouble', () => {
  test('what somebody else wrote is handed on with a version, to be reported and removed', async () => {
    for (const garbage of ['garbage', '', 'null', '{}', '{"version":"v","expiresAt":1,"tags":"t"}', '[1]']) {
      const { store, prefix } = counted()
      await env.KV.put(`${prefix}record:"k"`, garbage, { expirationTtl: 60 })
      expect(await store.get('k')).toEqual({ value: garbage, version: '' })
      expect(await store.create('k', 'v', { expiresAt: later() })).toBeNull()
      await store.delete('k', { version: '' })
      expect(await store.get('k')).toBeNull()
    }
  })

  test('errors of KV go through', async () => {
    const fail = () => Promise.reject(new Error('KV: 429 Too Many Requests'))
    const store = kvStore({ get: fail, put: fail, delete: fail, list: fail })
    const expiresAt = later()
    const calls = [
      () => store.get('k'),
      () => store.getMany?.(['k']),
      () => store.create('k', 'v', { expiresAt }),
      () => store.update('k', 'v', { expiresAt, version: 'v' }),
      () => store.delete('k', { tags: [] }),
      () => store.list?.('t'),
    ]
    for (const call of calls) await expect(call()).rejects.toThrow('429')
  })

  test('a write whose entry cannot be written writes no record that list() would miss', async () => {
    const { store, prefix } = counted()
    const put: KVBinding['put'] = (name, value, options) =>
      name.startsWith(`${prefix}tag:`)
        ? Promise.reject(new Error('KV: 503'))
        : env.KV.put(name, value, options)
    const bind = (name: keyof KVBinding) => (env.KV[name] as () => unknown).bind(env.KV) as never
    const kv = { get: bind('get'), put, delete: bind('delete'), list: bind('list') }
    const broken = kvStore(kv, { prefix })
    const [expiresAt, tags] = [later(), ['t']]
    await expect(broken.create('new', 'v', { expiresAt, tags })).rejects.toThrow('503')
    expect(await store.get('new')).toBeNull()
    const version = String(await broken.create('old', 'v', { expiresAt }))
    await expect(broken.update('old', 'tagged', { expiresAt, version, tags })).rejects.toThrow('503')
    expect(await store.get('old')).toEqual({ value: 'v', version })
  })
})
