import { expect, test } from 'vitest'
import { type BindingOptions, createSessionManager, generateSecret, type SessionInfo } from 'wafer-session'
import { application } from '../support/visitor.ts'

/** Whom a session is of that one client began, when another one brings its cookie. */
async function seenBy(
  binding: BindingOptions,
  [first, second]: readonly [[HeadersInit, SessionInfo?], [HeadersInit, SessionInfo?]],
  later: BindingOptions | undefined = binding,
) {
  const secret = generateSecret()
  const before = application({ secret, binding })
  const events: string[] = []
  const onEvent = ({ type }: { type: string }) => events.push(type)
  const after = createSessionManager({ secret, binding: later, clock: before.clock, onEvent })
  const session = await before.manager.open(
    new Request('https://example.test/', { headers: first[0] }),
    first[1],
  )
  session.signIn('u1')
  const [line = ''] = await before.manager.commit(session)
  const headers = new Headers(second[0])
  headers.set('Cookie', line.slice(0, line.indexOf(';')))
  const { userId } = await after.open(new Request('https://example.test/', { headers }), second[1])
  return { userId, events }
}

test.each([
  ['an address with a letter', '192.0.2.7x', '192.0.2.8x', undefined],
  ['IPv6 with a group that is none', '2001:db8:1::zz', '2001:db8:1::zy', undefined],
  ['the same text that is no address', '2001:db8:1::zz', '2001:db8:1::zz', 'u1'],
  ['IPv4 of one network', '192.0.2.7', '192.0.2.8', 'u1'],
  ['IPv4 inside IPv6, of one network', '::ffff:192.0.2.7', '192.0.2.8', 'u1'],
  ['IPv4 inside IPv6, of two', '::ffff:192.0.2.7', '::ffff:198.51.100.8', undefined],
])('binding.address: %s', async (_, first, second, expected) => {
  const { userId } = await seenBy({ address: 'end' }, [
    [{}, { address: first }],
    [{}, { address: second }],
  ])
  expect(userId).toBe(expected)
})

test.each([
  'Not A Brand',
  'NotA Brand',
  'Not ABrand',
  'NotABrand',
  'Not(A:Brand',
  'Not;A=Brand',
  ' Not A;Brand',
  'Not_A Brand',
  'not. a, brand',
])('binding.clientHints: the invented brand %j counts for nothing', async (brand) => {
  const hints = (invented: string) => ({ 'Sec-CH-UA': `"Chromium";v="142"${invented}` })
  const { userId } = await seenBy({ clientHints: 'end' }, [[hints('')], [hints(`, "${brand}";v="99"`)]])
  expect(userId).toBe('u1')
})

test.each<
  [
    kind: string,
    binding: BindingOptions,
    first: [HeadersInit, SessionInfo?],
    second: [HeadersInit, SessionInfo?],
  ]
>([
  [
    'clientHints',
    { clientHints: 'end' },
    [{ 'Sec-CH-UA-Platform': '"Windows"' }],
    [{ 'Sec-CH-UA-Platform': '"Linux"' }],
  ],
  ['network', { network: 'end' }, [{}, { network: 'AS1' }], [{}, { network: 'AS2' }]],
])('binding.%s: another client is refused', async (_, binding, first, second) => {
  expect((await seenBy(binding, [first, first])).userId).toBe('u1')
  expect((await seenBy(binding, [first, second])).userId).toBeUndefined()
})

test('binding: of several kinds, those that are asked for no more are not told of', async () => {
  const clients = [
    [{ 'User-Agent': 'curl/8' }, { network: 'AS1' }],
    [{ 'User-Agent': 'Wget/1' }, { network: 'AS1' }],
  ] as const
  const asked = { userAgent: 'report', network: 'report' } as const
  expect(await seenBy(asked, clients as never)).toEqual({ userId: 'u1', events: ['binding'] })
  expect(await seenBy(asked, clients as never, { network: 'end' })).toEqual({ userId: 'u1', events: [] })
})

test('the User-Agent is read as far as 512 characters', async () => {
  const agent = (spaces: number) => ({ 'User-Agent': `(${' '.repeat(spaces)}Windows` })
  const within = 512 - '(Windows'.length
  const none = [{ 'User-Agent': '()' }]
  expect((await seenBy({ userAgent: 'end' }, [none, [agent(within)]] as never)).userId).toBeUndefined()
  expect((await seenBy({ userAgent: 'end' }, [none, [agent(within + 8)]] as never)).userId).toBe('u1')
})
