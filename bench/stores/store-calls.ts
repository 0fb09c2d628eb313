import {
  createSessionManager,
  generateSecret,
  type Session,
  type SessionManagerOptions,
} from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { type CookieJar, cookieJar, type FakeClock, fakeClock } from '../../src/testing/index.ts'
import type { Figures } from '../figure.ts'
import type { Calls } from './calls.ts'
import { countingStore } from './counting-store.ts'

const REQUESTS = 1000
const SECONDS = 1800

interface Site {
  readonly clock: FakeClock
  readonly jar: CookieJar
  /** Resets what was counted. */
  reset(): void
  readonly calls: Calls
  visit(page?: (session: Session) => void, jar?: CookieJar): Promise<Response>
}

/** Calls of the store for a signed-in user who browses for half an hour, and for single requests. */
export async function storeCalls(): Promise<Figures> {
  const stored = await browse('store')
  const bursts = await browse('store', 4)
  const marks = await browse('revocations')
  return {
    'store: reads in 1,000 requests of 30 minutes': { value: stored.reads, reach: 'at most 1,000' },
    'store: writes': { value: stored.writes, reach: 'at most 16' },
    'store: writes, requests in parallel by four': { value: bursts.writes, reach: '' },
    'revocations every 30 s: checks': { value: marks.reads, reach: 'at most 60' },
    'revocations every 30 s: writes': { value: marks.writes, reach: '0' },
    ...(await singleRequests()),
  }
}

async function browse(mode: 'store' | 'revocations', parallel = 1): Promise<Calls> {
  const { clock, calls, reset, visit } = await signedIn(mode)
  reset()
  for (let sent = 0; sent < REQUESTS; sent += parallel) {
    clock.advance((SECONDS / REQUESTS) * parallel)
    const responses = await Promise.all(Array.from({ length: parallel }, () => visit()))
    if (responses.some(({ status }) => status !== 200)) throw new Error('The user was signed out.')
  }
  return calls
}

async function singleRequests(): Promise<Figures> {
  const { clock, calls, reset, jar, visit } = await signedIn('store')
  const counted = async (page?: (session: Session) => void, visitor?: CookieJar) => {
    reset()
    await visit(page, visitor)
    return `${calls.reads}+${calls.writes}`
  }
  const forged = cookieJar({ clock })
  forged.set('__Host-session', jar.get('__Host-session')?.replace(/.{4}$/, 'AAAA') ?? '')
  return {
    'reads+writes: anonymous': { value: await counted(undefined, cookieJar({ clock })), reach: '0+0' },
    'reads+writes: forged id': { value: await counted(undefined, forged), reach: '0+0' },
    'reads+writes: read': { value: await counted(), reach: '1+0' },
    'reads+writes: data written': {
      value: await counted(({ data }) => {
        data.n = 1
      }),
      reach: '1+1',
    },
    'reads+writes: regenerate': { value: await counted((session) => session.regenerate()), reach: '1+2' },
    'reads+writes: sign in': { value: await counted((session) => session.signIn('u-2')), reach: '1+2' },
    'reads+writes: sign out': { value: await counted((session) => session.signOut()), reach: '1+2' },
  }
}

async function signedIn(mode: 'store' | 'revocations'): Promise<Site> {
  const clock = fakeClock()
  const calls = { reads: 0, writes: 0 }
  const store = countingStore(memoryStore({ clock }), calls)
  const place: Partial<SessionManagerOptions> =
    mode === 'store' ? { store } : { revocations: store, revocationMaxAge: 30 }
  const sessions = createSessionManager({ secret: generateSecret(), clock, ...place })
  const ownJar = cookieJar({ clock })

  function visit(page: (session: Session) => void = () => {}, jar = ownJar): Promise<Response> {
    const fetch = (request: Request) =>
      sessions.handle(request, (session) => {
        page(session)
        return new Response()
      })
    return jar.request({ fetch }, '/')
  }
  await visit((session) => session.signIn('u-1'))
  return { clock, jar: ownJar, calls, visit, reset: () => Object.assign(calls, { reads: 0, writes: 0 }) }
}
