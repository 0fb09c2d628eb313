import { expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { fakeClock } from 'wafer-session/testing'
import { type AnyData, site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'

const secret = generateSecret()

/** The seconds that a session has left, in its first request and as a later deployment sees it. */
async function left(before: object, after: object, at: readonly number[]): Promise<number[]> {
  const clock = fakeClock()
  const start = clock()
  const old = site<AnyData>({ secret, ...before }, clock)
  const now = site<AnyData>({ secret, ...after }, clock)
  const seconds = ({ expiresAt }: { expiresAt: number }) => (expiresAt - start) / 1000
  const found = [
    await old.visit((session) => {
      session.signIn('u1')
      return seconds(session)
    }),
  ]
  for (const [i, second] of at.entries()) {
    clock.set(start + 1000 * second)
    const isLast = i === at.length - 1
    found.push(
      isLast ? seconds(await now.manager.open(requestWith(old.jar.header()))) : await old.visit(seconds),
    )
  }
  return found
}

test.each<[what: string, before: object, after: object, at: number[], expected: number[]]>([
  ['the idle timeout is the earlier one', {}, {}, [1], [1800, 1800]],
  [
    'the absolute timeout is the earlier one',
    { idleTimeout: 1800, absoluteTimeout: 600 },
    {},
    [1],
    [600, 600],
  ],
  ['with activity it moves on', {}, {}, [1500, 2000], [1800, 3300, 3800]],
  ['a shorter idle timeout came', {}, { idleTimeout: 600 }, [1], [1800, 600]],
  ['a longer idle timeout came', {}, { idleTimeout: 3600 }, [1], [1800, 1800]],
  ['a shorter absolute timeout came', {}, { absoluteTimeout: 3600 }, [1500, 2000], [1800, 3300, 3600]],
  ['both came', {}, { idleTimeout: 600, absoluteTimeout: 500 }, [1], [1800, 500]],
])('expiresAt, in seconds from the sign-in: %s', async (_, before, after, at, expected) => {
  expect(await left(before, after, at)).toEqual(expected)
})

test.each([
  [{}, 600, 600],
  [{ idleTimeout: 300 }, 300, 500],
  [{ idleTimeout: 300, absoluteTimeout: 400 }, 300, 400],
])(
  'expiresAt of half a sign-in with %j: after %i seconds, and at last after %i',
  async (options, first, last) => {
    const { visit, clock } = site<AnyData>(options)
    const start = clock()
    const seconds = ({ expiresAt }: { expiresAt: number }) => (expiresAt - start) / 1000
    const begin = await visit((session) => {
      session.signIn('u1', { pending: true })
      return seconds(session)
    })
    clock.advance(200)
    expect([begin, await visit(seconds)]).toEqual([first, last])
  },
)
