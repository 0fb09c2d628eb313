import { createSessionManager, generateSecret, type Session } from '../src/index.ts'
import type { Figures } from './figure.ts'
import { PAYLOAD } from './payload.ts'

/** What a browser sends back, for the payload with times and id included. */
export async function cookieBytes(): Promise<Figures> {
  const { userId, ...data } = PAYLOAD
  return {
    'the payload as data': {
      value: await bytes((session) => Object.assign(session.data, PAYLOAD)),
      reach: '300',
    },
    'signed in as its userId, the rest as data': {
      value: await bytes((session) => {
        session.signIn(userId, { amr: ['pwd'] })
        Object.assign(session.data, data)
      }),
      reach: '300',
    },
  }
}

async function bytes(change: (session: Session) => unknown): Promise<number> {
  const manager = createSessionManager({ secret: generateSecret() })
  const session = await manager.open(new Request('https://example.test/'))
  change(session)
  const [line = ''] = await manager.commit(session)
  return line.indexOf(';')
}
