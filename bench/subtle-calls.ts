import { createSessionManager, generateSecret, type SessionManager } from '../src/index.ts'
import { memoryStore } from '../src/stores/memory.ts'
import { fakeClock } from '../src/testing/index.ts'
import type { Figures } from './figure.ts'
import { PAYLOAD } from './payload.ts'

const HOUR = 3600
const METHODS = [
  'importKey',
  'deriveBits',
  'deriveKey',
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'digest',
] as const

/** Counts every call that goes to `crypto.subtle`, by wrapping its methods. */
export async function subtleCalls(): Promise<Figures> {
  const clock = fakeClock()
  const timeouts = { idleTimeout: 24 * HOUR, absoluteTimeout: 24 * HOUR }
  const manager = createSessionManager({ secret: generateSecret(), clock, ...timeouts })
  const cookie = await write(manager)
  const foreign = await write(createSessionManager({ secret: generateSecret(), clock }))

  const table: Figures = {
    'anonymous request': { value: await count(() => read(manager, '')), reach: '0' },
    'sealed read': { value: await count(() => read(manager, cookie)), reach: '1' },
    'sealed read and write': { value: await count(() => write(manager, cookie)), reach: '2' },
    'forged cookie': { value: await count(() => read(manager, forged(cookie, 0))), reach: '0 to 1' },
    'cookie of a foreign secret': { value: await count(() => read(manager, foreign)), reach: '0 to 1' },
    'forged cookie of an hour not in the cache': {
      value: await count(() => read(manager, forged(cookie, 5))),
      reach: '2',
    },
  }
  clock.advance(HOUR)
  table['sealed read and write, first of a new hour'] = {
    value: await count(() => write(manager, cookie)),
    reach: '3',
  }
  Object.assign(table, await storedCalls())
  table['first write of a process, 1 secret'] = { value: await firstWrite(1), reach: '4' }
  table['first write of a process, 3 secrets'] = { value: await firstWrite(3), reach: '8' }
  return table
}

/** The same with sessions in a store. */
async function storedCalls(): Promise<Figures> {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const sessions = createSessionManager({ secret: generateSecret(), clock, store })
  const cookie = await write(sessions)
  await read(sessions, cookie)
  const forgedId = cookie.replace(/.{4}$/, 'AAAA')
  return {
    'stored read': { value: await count(() => read(sessions, cookie)), reach: '2' },
    'stored read and write': { value: await count(() => write(sessions, cookie)), reach: 'at most 3' },
    'forged id': { value: await count(() => read(sessions, forgedId)), reach: '1' },
  }
}

/** The cookie with another tag, said to be sealed some hours earlier. */
function forged(cookie: string, hoursAgo: number): string {
  const equals = cookie.indexOf('=') + 1
  const sealed = Buffer.from(cookie.slice(equals), 'base64url')
  sealed.writeUIntBE(sealed.readUIntBE(5, 3) - hoursAgo, 5, 3)
  sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1)
  return cookie.slice(0, equals) + sealed.toString('base64url')
}

async function count(work: () => Promise<unknown>): Promise<number> {
  const { subtle } = crypto
  let calls = 0
  for (const method of METHODS) {
    const original = subtle[method] as (...args: unknown[]) => unknown
    Object.defineProperty(subtle, method, {
      configurable: true,
      value: (...args: unknown[]) => {
        calls += 1
        return original.apply(subtle, args)
      },
    })
  }
  try {
    await work()
  } finally {
    for (const method of METHODS) Reflect.deleteProperty(subtle, method)
  }
  return calls
}

function request(cookie: string): Request {
  return new Request('https://example.test/', cookie === '' ? {} : { headers: { Cookie: cookie } })
}

async function read(manager: SessionManager, cookie: string): Promise<void> {
  const session = await manager.open(request(cookie))
  session.data.n
  await manager.commit(session)
}

async function write(manager: SessionManager, cookie = ''): Promise<string> {
  const session = await manager.open(request(cookie))
  Object.assign(session.data, PAYLOAD, { n: Number(session.data.n ?? 0) + 1 })
  const [line = ''] = await manager.commit(session)
  return line.slice(0, line.indexOf(';'))
}

async function firstWrite(secrets: number): Promise<number> {
  const manager = createSessionManager({ secret: Array.from({ length: secrets }, () => generateSecret()) })
  return count(() => write(manager))
}
