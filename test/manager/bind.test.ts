import { expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { cookieValue } from '../support/visitor.ts'
import { base64url, decodeFields, hkdf, hmac, kidOf, lp, openValue } from '../support/wafer1.ts'

test('the option binding: a sealed cookie has the hashes that docs/format.md tells of', async () => {
  const text = generateSecret()
  const secret = new TextEncoder().encode(text)
  const custom = { value: () => 'the very device', action: 'end' } as const
  const manager = createSessionManager({ secret: text, binding: { network: 'report', custom } })
  const session = await manager.open(new Request('https://example.test/'), { network: 'AS64500' })
  session.signIn('ada')
  const [line = ''] = await manager.commit(session)
  const { record } = await openValue(cookieValue(line), { secret, cookieName: manager.cookieName })

  const key = await hkdf(secret, [...lp('wafer/1'), ...lp('binding')], 32)
  const hashOf = async (kind: string, value: string) =>
    base64url((await hmac(key, Uint8Array.from([...lp(kind), ...lp(value)]))).subarray(0, 8))
  const kid = new DataView((await kidOf(secret)).buffer).getUint32(0)
  expect(decodeFields(record).meta.at(-1)).toEqual({
    b: [
      kid,
      { network: await hashOf('network', 'AS64500'), custom: await hashOf('custom', 'the very device') },
    ],
  })
})
