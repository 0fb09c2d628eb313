import { expect, test } from 'vitest'
import { site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

test('flash is read by the next request, once, and not by the one that set it', async () => {
  const { visit } = site()
  await visit((session) => {
    session.flash('notice', 'Saved')
    expect(session.flash('notice')).toBeUndefined()
  })
  expect(await visit((session) => [session.flash('notice'), session.flash('notice')])).toEqual([
    'Saved',
    undefined,
  ])
  expect(await visit((session) => session.flash('notice'))).toBeUndefined()
})

test('flash waits for the request that reads it, over others that do not', async () => {
  const { visit, respond } = site()
  await visit((session) => session.flash('notice', 'Saved'))
  expect((await respond(() => 'an image')).headers.getSetCookie()).toEqual([])
  await visit((session) => {
    session.data.n = 1
  })
  expect(await visit((session) => session.flash('notice'))).toBe('Saved')
})

test('flash keys are independent, and any JSON value is kept', async () => {
  const { visit } = site()
  await visit((session) => {
    session.flash('a', { n: [1, null] })
    session.flash('b', false)
    session.flash('c', 0)
    session.flash('toString', 'own')
  })
  await visit((session) => {
    expect(session.flash<unknown>('b')).toBe(false)
    expect(session.flash<unknown>('c')).toBe(0)
    expect(session.flash('hasOwnProperty')).toBeUndefined()
  })
  expect(
    await visit((session) => [session.flash('a'), session.flash('b'), session.flash('toString')]),
  ).toEqual([{ n: [1, null] }, undefined, 'own'])
})

test('flash set again while it is there: this request reads the old value, the next one the new', async () => {
  const { visit } = site()
  await visit((session) => session.flash('notice', 'one'))
  await visit((session) => {
    session.flash('notice', 'two')
    expect(session.flash('notice')).toBe('one')
  })
  expect(await visit((session) => session.flash('notice'))).toBe('two')
})

test('flash keeps a copy: later changes of the object do not reach it', async () => {
  const { visit } = site()
  await visit((session) => {
    const errors = ['too short']
    session.flash('errors', errors)
    errors.push('and wrong')
  })
  expect(await visit((session) => session.flash('errors'))).toEqual(['too short'])
})

test('flash alone makes a session for an anonymous visitor, and does not show in data', async () => {
  const { visit, jar, events } = site()
  await visit((session) => session.flash('notice', 'Hello'))
  expect(jar.get('__Host-session')).toBeDefined()
  expect(events.map(({ type }) => type)).toEqual(['create'])
  expect(await visit((session) => session.data)).toEqual({})
})

test('flash set before or after signIn in one request reaches the next one', async () => {
  const { visit } = site()
  await visit((session) => {
    session.flash('before', '1')
    session.signIn('u1')
    session.flash('after', '2')
  })
  expect(await visit((session) => [session.flash('before'), session.flash('after')])).toEqual(['1', '2'])
})

test('row 14: flash of an earlier request is not carried over a sign-in', async () => {
  const { visit } = site()
  await visit((session) => session.flash('notice', 'from before'))
  await visit((session) => {
    session.signIn('u1')
    expect(session.flash('notice')).toBeUndefined()
  })
  expect(await visit((session) => session.flash('notice'))).toBeUndefined()
})

test('flash survives regenerate and reauthenticate', async () => {
  const { visit } = site()
  await visit((session) => {
    session.signIn('u1')
    session.flash('notice', 'kept')
  })
  await visit((session) => session.regenerate())
  await visit((session) => session.reauthenticate())
  expect(await visit((session) => session.flash('notice'))).toBe('kept')
})

test('flash consumed by a request that fails is there again', async () => {
  const { visit, respond } = site()
  await visit((session) => session.flash('notice', 'Saved'))
  await respond((session) => {
    session.flash('notice')
    return new Response('', { status: 500 })
  })
  expect(await visit((session) => session.flash('notice'))).toBe('Saved')
})

test.each(['', '__proto__', 1, undefined])('flash refuses the key %j', async (key) => {
  const { visit } = site()
  await visit((session) => {
    expect(() => session.flash(key as string, 'value')).toThrow(TypeError)
    expect(() => session.flash(key as string, 'value')).toThrow('flash(key, value) wants a non-empty string')
  })
})

test('flash refuses at once what JSON cannot hold', async () => {
  const { visit } = site()
  await visit((session) => {
    expect(() => session.flash('born', { at: new Date() })).toThrow('flash "born".at is a Date')
    expect(() => session.flash('nothing', undefined)).toThrow('flash "nothing" is undefined')
  })
})

test('flash that session.commit() has kept stays for the next request, though another one wrote meanwhile', async () => {
  const { manager, jar, visit } = storeSite()
  await visit((session) => session.signIn('u1'))
  const open = () => manager.open(requestWith(jar.header()))
  const session = await open()
  session.flash('own', 1)
  await session.commit()
  const other = await open()
  other.data.n = 1
  await manager.commit(other)
  session.data.m = 1
  await session.commit()
  expect(session.flash('own')).toBeUndefined()
  await manager.commit(session)
  expect(await visit((next) => [next.flash('own'), next.data])).toEqual([1, { n: 1, m: 1 }])
})

test('flash set while session.commit() is writing is written at the end, whatever another one wrote', async () => {
  const { manager, jar, visit } = storeSite()
  await visit((session) => session.signIn('u1'))
  const open = () => manager.open(requestWith(jar.header()))
  const session = await open()
  session.flash('first', 1)
  session.flash('both', 1)
  const writing = session.commit()
  session.flash('second', 2)
  session.flash('both', 2)
  await writing
  const other = await open()
  other.data.n = 1
  await manager.commit(other)
  await manager.commit(session)
  const found = (next: typeof session) => ['first', 'both', 'second'].map((key) => next.flash<unknown>(key))
  expect(await visit(found)).toEqual([1, 2, 2])
})
