import { describe, expect, test } from 'vitest'
import { generateSecret, type Session } from 'wafer-session'
import { encode } from '../support/format.ts'
import { type AnyData, site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'
import { openValue } from '../support/wafer1.ts'
import { storeSite } from '../support/watched-store.ts'

const put = (...purposes: readonly string[]) => {
  return ({ challenge }: Session<AnyData>) => {
    for (const purpose of purposes) challenge.put(purpose, { value: purpose })
  }
}

async function taken({ challenge }: Session<AnyData>, ...purposes: readonly string[]): Promise<unknown[]> {
  const found: unknown[] = []
  for (const purpose of purposes) found.push((await challenge.take(purpose))?.value)
  return found
}

/** A visitor whose session is in a store. */
async function stored() {
  const made = storeSite<AnyData>()
  await made.visit((session) => session.signIn('u1'))
  const open = () => made.manager.open(requestWith(made.jar.header()))
  const meanwhile = async (act: (session: Session<AnyData>) => unknown) => {
    const session = await open()
    await act(session)
    await made.manager.commit(session)
  }
  return { ...made, open, meanwhile }
}

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `p${from + i}`)

describe('session.challenge.put', () => {
  test.each([[['p']], [{ length: 1 }], [7], ['']])(
    'of the purpose %j is a TypeError that says so',
    async (purpose) => {
      const { visit } = site<AnyData>()
      const message = 'The purpose of a challenge must be a string of 1 to 1024 characters.'
      await visit(({ challenge }) => {
        expect(() => challenge.put(purpose as never)).toThrow(new TypeError(message))
      })
    },
  )

  test.each([[['v']], [{ length: 1 }], [null], ['']])(
    'of the value %j is a TypeError that says so',
    async (value) => {
      const { visit } = site<AnyData>()
      const message = 'The value of a challenge must be a string of 1 to 1024 characters.'
      await visit(({ challenge }) => {
        expect(() => challenge.put('p', { value: value as never })).toThrow(new TypeError(message))
      })
    },
  )

  test('with a ttl that is too long is a RangeError that says why', async () => {
    const most = 'The ttl of a challenge must be above 0 and at most'
    const why = ', where no store with atomicUpdate remembers which were taken'
    await site<AnyData>().visit(({ challenge }) => {
      expect(() => challenge.put('p', { ttl: 301 })).toThrow(new RangeError(`${most} 300 seconds${why}.`))
    })
    await storeSite<AnyData>().visit(({ challenge }) => {
      expect(() => challenge.put('p', { ttl: 86_401 })).toThrow(new RangeError(`${most} 86400 seconds.`))
    })
  })
})

describe('of more than 8 challenges', () => {
  test('put in one request the one that ends first goes', async () => {
    const { visit } = site<AnyData>()
    await visit(({ challenge }) => {
      for (const [i, purpose] of names(0, 9).entries())
        challenge.put(purpose, { ttl: i === 4 ? 10 : 300 - i })
    })
    const found = await visit((session) => taken(session, ...names(0, 9)))
    expect(found.map((value) => value !== undefined)).toEqual(names(0, 9).map((_, i) => i !== 4))
  })

  test('that end at the same time the oldest go, request by request', async () => {
    const { visit } = site<AnyData>()
    await visit(put(...names(0, 8)))
    await visit(put('p8'))
    await visit(put('p9'))
    const found = await visit((session) => taken(session, ...names(0, 10)))
    expect(found).toEqual([undefined, undefined, ...names(2, 10)])
  })

  test('those that had to go cannot be taken once session.commit() has written the others', async () => {
    const { visit } = site<AnyData>()
    await visit(put(...names(0, 3)))
    await visit(async (session) => {
      put(...names(3, 10))(session)
      await session.commit()
      expect(await taken(session, ...names(0, 10))).toEqual([undefined, undefined, ...names(2, 10)])
    })
  })
})

describe('a challenge whose time is over', () => {
  test('alone is no reason to write', async () => {
    const { visit, respond, clock } = site<AnyData>()
    await visit(({ challenge }) => challenge.put('p', { ttl: 10 }))
    clock.advance(11)
    for (const act of [() => {}, ({ challenge }: Session<AnyData>) => challenge.take('none')]) {
      expect((await respond(act)).headers.getSetCookie()).toEqual([])
    }
  })

  test('takes no room in what is written next; one of the caller’s has a name of 16 characters', async () => {
    const secret = generateSecret()
    const { visit, jar, clock } = site<AnyData>({ secret })
    const text = async () => {
      const place = { secret: encode(secret), cookieName: '__Host-session' }
      const { record } = await openValue(jar.get('__Host-session') as string, place)
      return new TextDecoder().decode(record.subarray(38))
    }
    await visit(({ challenge }) => challenge.put('p', { ttl: 10, value: 'v' }))
    expect(await text()).toMatch(
      /^\[null,null,null,null,null,\{"q":\{"p":\["v",\d+,"[\w-]{16}"\]\}\}\]\n\{\}$/,
    )
    clock.advance(11)
    await visit((session) => Object.assign(session.data, { n: 1 }))
    expect(await text()).toBe('\n{"n":1}')
  })
})

describe('challenges, when another request writes at the same time', () => {
  test('what it puts anew stays, though this one takes the one before', async () => {
    const { manager, visit, open, meanwhile } = await stored()
    await visit(put('old'))
    const session = await open()
    expect(await taken(session, 'old')).toEqual(['old'])
    await meanwhile(({ challenge }) => challenge.put('old', { value: 'newer' }))
    await manager.commit(session)
    expect(await visit((next) => taken(next, 'old'))).toEqual(['newer'])
  })

  test('what it puts in the place of one that session.commit() has written stays', async () => {
    const { manager, visit, open, meanwhile } = await stored()
    const session = await open()
    put('one')(session)
    await session.commit()
    await meanwhile(({ challenge }) => challenge.put('one', { value: 'newer' }))
    session.data.n = 1
    await manager.commit(session)
    expect(await visit((next) => taken(next, 'one'))).toEqual(['newer'])
  })

  test('what is put while session.commit() writes is written at the end', async () => {
    const { manager, visit, open } = await stored()
    const session = await open()
    put('one')(session)
    const writing = session.commit()
    put('two')(session)
    await writing
    await manager.commit(session)
    expect(await visit((next) => taken(next, 'one', 'two'))).toEqual(['one', 'two'])
  })
})
