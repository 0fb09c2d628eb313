import { expect, test } from 'vitest'
import { namesSet, site } from '../support/site.ts'

test('commit() writes now, and the session stays open for more', async () => {
  const { visit, respond, events } = site()
  const response = await respond(async (session) => {
    session.data.a = 1
    await session.commit()
    expect(events.map(({ type }) => type)).toEqual(['create'])
    session.data.b = 2
  })
  expect(namesSet(response)).toEqual(['__Host-session'])
  expect(events).toHaveLength(1)
  expect(await visit((session) => session.data)).toEqual({ a: 1, b: 2 })
})

test('commit() of nothing writes nothing', async () => {
  const { respond, events } = site()
  const response = await respond(async (session) => {
    await session.commit()
    await session.commit()
  })
  expect(response.headers.getSetCookie()).toEqual([])
  expect(events).toEqual([])
})

test('what commit() wrote stays written when the handler fails afterwards', async () => {
  const { visit, respond, events } = site()
  await respond(async (session) => {
    session.data.a = 1
    await session.commit()
    session.data.b = 2
    return new Response('', { status: 503 })
  })
  expect(await visit((session) => session.data)).toEqual({ a: 1 })
  expect(events.at(-1)).toMatchObject({ type: 'discard', reason: 'failed-response' })
})

test('what an un-awaited commit() was writing when the handler failed is on the response', async () => {
  const { visit, respond } = site()
  const response = await respond((session) => {
    session.data.a = 1
    void session.commit()
    session.data.b = 2
    return new Response('', { status: 503 })
  })
  expect(namesSet(response)).toEqual(['__Host-session'])
  expect(await visit((session) => session.data)).toEqual({ a: 1 })
})

test('changes undone after commit() are written again', async () => {
  const { visit } = site()
  await visit(async (session) => {
    session.data.a = 1
    await session.commit()
    delete session.data.a
  })
  expect(await visit((session) => session.data)).toEqual({})
})

test('row 52: an un-awaited commit() and the end of the request make one cookie, with the last data', async () => {
  const { visit, respond, events } = site()
  const response = await respond((session) => {
    session.data.a = 1
    void session.commit()
    session.data.b = 2
  })
  expect(namesSet(response)).toEqual(['__Host-session'])
  expect(events.map(({ type }) => type)).toEqual(['create'])
  expect(await visit((session) => session.data)).toEqual({ a: 1, b: 2 })
})

test('row 52: commits in parallel make one cookie, with the last data', async () => {
  const { visit, respond, events } = site()
  const response = await respond(async (session) => {
    const commits = [1, 2, 3].map((n) => {
      session.data.n = n
      return session.commit()
    })
    await Promise.all(commits)
  })
  expect(namesSet(response)).toEqual(['__Host-session'])
  expect(events.map(({ type }) => type)).toEqual(['create'])
  expect(await visit((session) => session.data)).toEqual({ n: 3 })
})

test('data changed while commit() is sealing is not lost', async () => {
  const { visit } = site()
  await visit(async (session) => {
    session.data.list = [1]
    const committed = session.commit()
    session.data.list.push(2)
    session.flash('notice', 'late')
    await committed
  })
  expect(await visit((session) => [session.data.list, session.flash('notice')])).toEqual([[1, 2], 'late'])
})

test('row 52: signIn after commit() makes one cookie, and the events tell the whole story', async () => {
  const { visit, respond, events } = site()
  const response = await respond(async (session) => {
    session.data.a = 1
    await session.commit()
    session.signIn('u1', { keep: ['a'] })
  })
  expect(namesSet(response)).toEqual(['__Host-session'])
  expect(events.map(({ type }) => type)).toEqual(['create', 'end', 'create'])
  expect(await visit((session) => [session.userId, session.data])).toEqual(['u1', { a: 1 }])
})

test('signIn while commit() is sealing wins', async () => {
  const { visit, jar } = site()
  await visit((session) => {
    session.data.a = 1
    void session.commit()
    session.signIn('u1')
  })
  expect(await visit((session) => [session.userId, session.data])).toEqual(['u1', {}])
  expect(jar.header().split('; ')).toHaveLength(1)
})

test('signIn while commit() is sealing keeps what keep names', async () => {
  const { visit } = site()
  await visit((session) => {
    session.data.a = 1
    void session.commit()
    session.signIn('u1', { keep: ['a'] })
  })
  expect(await visit((session) => [session.userId, session.data])).toEqual(['u1', { a: 1 }])
})

test('regenerate and reauthenticate while commit() is sealing win', async () => {
  const { visit } = site()
  await visit((session) => session.signIn('u1'))
  const id = await visit((session) => {
    session.data.a = 1
    void session.commit()
    session.regenerate()
    void session.commit()
    session.reauthenticate({ acr: 'aal2' })
    return session.id
  })
  expect(await visit((session) => [session.id, session.acr, session.data])).toEqual([id, 'aal2', { a: 1 }])
})

test('row 52: signOut after commit() leaves only the clearing line', async () => {
  const { visit, respond, jar } = site()
  await visit((session) => session.signIn('u1'))
  const response = await respond(async (session) => {
    session.data.a = 1
    await session.commit()
    session.signOut()
  })
  expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=; Max-Age=0;/)])
  expect(jar.header()).toBe('')
})

test('row 52: signOut while commit() is sealing leaves only the clearing line', async () => {
  const { visit, respond, events } = site()
  await visit((session) => session.signIn('u1'))
  const response = await respond((session) => {
    session.data.a = 1
    void session.commit()
    session.signOut()
    void session.commit()
  })
  expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=; Max-Age=0;/)])
  expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'sign-out', userId: 'u1' })
  expect(events.filter(({ type }) => type === 'end')).toHaveLength(1)
})

test('commit() after signOut clears at once, so that it holds though the handler fails', async () => {
  const { visit, respond } = site()
  await visit((session) => session.signIn('u1'))
  const response = await respond(async (session) => {
    session.signOut()
    await session.commit()
    return new Response('', { status: 500 })
  })
  expect(response.headers.getSetCookie()).toHaveLength(1)
})

test('a commit() that failed and was not awaited is heard of with the response', async () => {
  const { respond } = site()
  await expect(
    respond((session) => {
      session.data.big = 'x'.repeat(5000)
      void session.commit()
    }),
  ).rejects.toMatchObject({ code: 'ERR_SESSION_TOO_LARGE' })
})

test('row 93: once the response has left, every change throws ERR_SESSION_COMMITTED', async () => {
  const { manager } = site()
  const session = await manager.open(new Request('https://example.test/'))
  session.signIn('u1')
  session.data.cart = { lines: ['a'] }
  const kept = session.data
  await manager.respond(session, new Response('ok'))

  const committed = expect.objectContaining({ code: 'ERR_SESSION_COMMITTED', status: 500 })
  expect(() => {
    session.data.a = 1
  }).toThrow(committed)
  expect(() => session.data.cart.lines.push('b')).toThrow(committed)
  expect(() => {
    delete session.data.cart.lines
  }).toThrow(committed)
  expect(() => Object.assign(session.data, { a: 1 })).toThrow(committed)
  expect(() => Object.defineProperty(session.data.cart, 'a', { value: 1 })).toThrow(committed)
  expect(() => session.signIn('u2')).toThrow(committed)
  expect(() => session.signOut()).toThrow(committed)
  expect(() => session.reauthenticate()).toThrow(committed)
  expect(() => session.regenerate()).toThrow(committed)
  expect(() => session.flash('a', 'b')).toThrow(committed)
  expect(() => session.update(() => {})).toThrow(committed)
  expect(() => {
    kept.a = 1
  }).toThrow(TypeError)
  expect(() => kept.cart.lines.push('b')).toThrow(TypeError)
})

test('row 93: a part of data that the handler froze is frozen all the way down', async () => {
  const { manager } = site()
  const session = await manager.open(new Request('https://example.test/'))
  const list = ['a']
  session.data.settings = Object.freeze({ list })
  await manager.commit(session)
  expect(() => list.push('b')).toThrow(TypeError)
})

test('row 93: once the response has left, everything can still be read', async () => {
  const { manager } = site()
  const session = await manager.open(new Request('https://example.test/'))
  session.signIn('u1', { amr: ['pwd'] })
  session.data.cart = { lines: ['a', { n: 1 }] }
  await manager.commit(session)
  expect(session.data).toEqual({ cart: { lines: ['a', { n: 1 }] } })
  expect(session.data.cart.lines.map((line: unknown) => JSON.stringify(line))).toEqual(['"a"', '{"n":1}'])
  expect(JSON.stringify(session.data)).toBe('{"cart":{"lines":["a",{"n":1}]}}')
  expect(Object.keys(session.data)).toEqual(['cart'])
  expect([session.userId, session.amr, session.isFresh(1e9)]).toEqual(['u1', ['pwd'], true])
  expect(session.flash('nothing')).toBeUndefined()
  await expect(session.commit()).resolves.toBeUndefined()
})

test('row 93: a flash value that waits cannot be consumed any more, and says so', async () => {
  const { visit, manager, jar } = site()
  await visit((session) => session.flash('notice', 'Saved'))
  const headers = { cookie: jar.header() }
  const session = await manager.open(new Request('https://example.test/', { headers }))
  await manager.commit(session)
  expect(() => session.flash('notice')).toThrow(expect.objectContaining({ code: 'ERR_SESSION_COMMITTED' }))
})
