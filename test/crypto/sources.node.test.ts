import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { createTestSession, fakeClock } from 'wafer-session/testing'
import { files, root } from '../support/dist.ts'
import { requestWith } from '../support/visitor.ts'
import { fromBase64url, fromHex } from '../support/wafer1.ts'
import { partsOf } from '../support/wafer1-store.ts'

const sources = files(join(root, 'src')).map((file) => ({
  file,
  text: readFileSync(join(root, 'src', file), 'utf8'),
}))

test('row 79: util.inspect shows neither a secret nor a bearer value, however deep it looks', async () => {
  const secret = generateSecret()
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  const manager = createSessionManager({ secret: [secret, bytes], maxChunks: 1 })
  const { cookie } = await createTestSession(manager, { userId: 'u1', data: { n: 1 } })
  const session = await manager.open(requestWith(cookie))
  session.data.big = 'x'.repeat(5000)
  const tooLarge: unknown = await manager.commit(session).catch((error) => error)
  const values = [manager, session, tooLarge]

  const shown = values.map((value) =>
    inspect(value, { depth: null, showHidden: true, getters: true, maxArrayLength: null }),
  )

  expect(tooLarge).toBeInstanceOf(Error)
  for (const text of shown) {
    expect(text).not.toContain(secret)
    expect(text.replace(/\s/g, '')).not.toContain([...bytes.subarray(0, 8)].join())
    expect(text).not.toContain(cookie.slice(cookie.indexOf('=') + 1))
    expect(text).not.toMatch(/CryptoKey/)
  }
})

test('row 79: util.inspect shows no token of a session in a store, nor what is derived of the secret', async () => {
  const secret = generateSecret()
  const clock = fakeClock()
  const events: unknown[] = []
  const onEvent = (event: unknown) => events.push(event)
  const manager = createSessionManager({ secret, store: memoryStore({ clock }), clock, onEvent })
  const { cookie } = await createTestSession(manager, { userId: 'u1' })
  const value = cookie.slice(cookie.indexOf('=') + 1)
  const session = await manager.open(requestWith(cookie))
  const { token } = partsOf(fromBase64url(value))

  for (const shown of [manager, session, events, await manager.users.list('u1')]) {
    const text = inspect(shown, { depth: null, showHidden: true, getters: true, maxArrayLength: null })
    for (const hidden of [secret, value, token, [...fromHex(token)].slice(0, 8).join(', ')]) {
      expect(text).not.toContain(hidden)
    }
    expect(text).not.toMatch(/CryptoKey/)
  }
})

test('row 69: cryptography is Web Crypto’s: no import of another, no algorithm of our own', () => {
  expect(sources.length).toBeGreaterThan(20)
  for (const { file, text } of sources) {
    const imports = [...text.matchAll(/(?:^(?:import|export|\}).* from|import\() *['"]([^'"]+)['"]/gm)].map(
      ([, name]) => name,
    )
    expect(
      imports.filter(
        (name) =>
          !/^(?:\.{1,2}\/|hono(?:\/|$)|cloudflare:workers$)|^(?:jose|otpauth|uqr)$/.test(name as string),
      ),
      file,
    ).toEqual([])
    const uses = [...text.matchAll(/\bcrypto\.(\w+)/g)].map(([, name]) => name)
    expect(
      uses.filter((name) => !(name === 'subtle' || name === 'getRandomValues' || mayUse(file, name))),
      file,
    ).toEqual([])
    expect(text, file).not.toMatch(/Math\.random|\b(?:MD5|CBC|ECB)\b/)
    // Redis names its scripts by SHA-1, and authenticator apps know nothing else.
    if (!/^(?:stores|totp)/.test(file)) expect(text, file).not.toContain('SHA-1')
  }
})

/** The version of a record in a store, or the `jti` of a token, is no secret: it must be unique, and may be guessed. */
function mayUse(file: string, name: string | undefined): boolean {
  return name === 'randomUUID' && /^(?:stores|testing|jwt)/.test(file)
}

test('row 70: no tag, key or plaintext is compared by equality: crypto/ compares with public values alone', () => {
  const compared = sources
    .filter(({ file }) => file.startsWith('crypto'))
    .flatMap(({ text }) => [...text.matchAll(/[=!]==? ([^\s)]+)/g)].map(([, right]) => right as string))

  expect(compared.length).toBeGreaterThan(5)
  expect(
    compared.filter(
      (right) => !/^(?:undefined|null|\d+|VERSION|LENGTH|own$|'string'|firstOf\(keys|known\[i\])/.test(right),
    ),
  ).toEqual([])
})

test('row 68: the document states the bound of messages per key', () => {
  const text = readFileSync(join(root, 'docs/format.md'), 'utf8')
  expect(text).toContain('2^32 seals per secret and hour')
  expect(text).toMatch(/SP\s+800-38D/)
})
