import { expect, test } from 'vitest'
import type { Session, SessionManagerOptions } from 'wafer-session'
import { type AnyData, site } from '../support/site.ts'

type Fill = (session: Session<AnyData>) => unknown

/** What is said of a session that is too large for its cookies. */
async function complaint(fill: Fill, options: Partial<SessionManagerOptions<AnyData>> = {}): Promise<string> {
  const { manager } = site(options)
  const session = await manager.open(new Request('https://example.test/'))
  await fill(session)
  const error = await manager.commit(session).catch((error: unknown) => error)
  expect(error).toMatchObject({ name: 'SessionError', code: 'ERR_SESSION_TOO_LARGE' })
  return (error as Error).message
}

test.each<[what: string, fill: Fill, heaviest: string]>([
  [
    'data, heaviest first, whatever its order',
    ({ data }) =>
      Object.assign(data, { a: 1, b: 'x'.repeat(1000), c: 'x'.repeat(5000), d: 'x'.repeat(2000) }),
    '"c" (5002 bytes), "d" (2002 bytes), "b" (1002 bytes)',
  ],
  [
    'flash and an empty sign-in',
    (session) => session.flash('note', 'x'.repeat(5000)),
    '"(flash)" (5011 bytes), "(sign-in)" (2 bytes), "(challenges)" (2 bytes)',
  ],
  [
    'a sign-in',
    (session) => {
      session.signIn('u1', { amr: ['pwd'], oidc: { iss: 'https://op.test', sub: 'x'.repeat(5000) } })
      session.data.a = 1
    },
    '"(sign-in)" (5109 bytes), "(flash)" (2 bytes), "(challenges)" (2 bytes)',
  ],
])('manager.commit names what makes a session too large: %s', async (_, fill, heaviest) => {
  expect(await complaint(fill)).toContain(`Heaviest: ${heaviest}. Keep less, `)
})

test('manager.commit counts challenges, too, of a session that is too large', async () => {
  const message = await complaint((session) => {
    session.challenge.put('login')
    session.data.a = 'x'.repeat(5000)
  })
  expect(message).toMatch(
    /Heaviest: "a" \(5002 bytes\), "\(challenges\)" \(\d\d+ bytes\), "\(flash\)" \(2 bytes\)\./,
  )
})

test.each([
  [1, 'Keep less, raise maxChunks (up to 4), or keep sessions in a store.'],
  [3, 'Keep less, raise maxChunks (up to 4), or keep sessions in a store.'],
  [4, 'Keep less, or keep sessions in a store.'],
])('manager.commit says what to do of a session too large for maxChunks %i', async (maxChunks, remedies) => {
  const message = await complaint(({ data }) => Object.assign(data, { a: 'x'.repeat(20_000) }), { maxChunks })
  expect(message.slice(message.indexOf('Keep less'))).toBe(remedies)
})
