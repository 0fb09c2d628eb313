import {
  createSessionManager,
  generateSecret,
  type Session,
  type SessionManagerOptions,
} from '../src/index.ts'
import { memoryStore } from '../src/stores/memory.ts'
import { type CookieJar, cookieJar, type FakeClock, fakeClock } from '../src/testing/index.ts'
import { type CountingStore, countingStore } from './counting-store.ts'
import type { Figures } from './figure.ts'

const REQUESTS = 1000
const SECONDS = 1800

interface Site {
  readonly clock: FakeClock
  readonly store: CountingStore
  readonly jar: CookieJar
  visit(page?: (session: Session) => void, jar?: CookieJar): Promise<Response>
}

/** Calls of the store for a signed-in user who browses for half an hour, and for single requests. */
export async function storeTraffic(): Promise<Figures> {
  const stored = await browse('store')
  const bursts = await browse('store', 4)
  const marks = await browse('revocations')
  const single = await singleRequests()
  return {
    'store: reads in 1,000 requests of 30 minutes': { value: stored.reads, reach: 'at most 1,000' },
    'store: writes': { value: stored.writes, reach: 'at most 16' },
    'store: writes, requests in parallel by four': { value: bursts.writes, reach: '' },
    'revocations every 30 s: checks': { value: marks.reads, reach: 'at most 60' },
    'revocations every 30 s: writes': { value: marks.writes, reach: '0' },
    ...single,
  }
}

async function browse(mode: 'store' | 'revocations', parallel = 1) {
  const { clock, store, visit } = await signedIn(mode)
  store.reset()
  for (let sent = 0; sent < REQUESTS; sent += parallel) {
    clock.advance((SECONDS / REQUESTS) * parallel)
    const responses = await Promise.all(Array.from({ length: parallel }, () => visit()))
    if (responses.some(({ status }) => status !== 200)) throw new Error('The user was signed out.')
  }
  return store.total()
}

async function singleRequests(): Promise<Figures> {
  const { clock, store, jar, visit } = await signedIn('store')
  const calls = async (page?: (session: Session) => void, visitor?: CookieJar) => {
    store.reset()
    await visit(page, visitor)
    const { reads, writes } = store.total()
    return `${reads}+${writes}`
  }
  const forged = cookieJar({ clock })
  forged.set('__Host-session', jar.get('__Host-session')?.replace(/.{4}$/, 'AAAA') ?? '')
  return {
    'reads+writes: anonymous': { value: await calls(undefined, cookieJar({ clock })), reach: '0+0' },
    'reads+writes: forged id': { value: await calls(undefined, forged), reach: '0+0' },
    'reads+writes: read': { value: await calls(), reach: '1+0' },
    'reads+writes: data written': {
      value: await calls(({ data }) => {
        data.n = 1
      }),
      reach: '1+1',
    },
    'reads+writes: regenerate': { value: await calls((session) => session.regenerate()), reach: '1+2' },
    'reads+writes: sign in': { value: await calls((session) => session.signIn('u-2')), reach: '1+2' },
    'reads+writes: sign out': { value: await calls((session) => session.signOut()), reach: '1+2' },
  }
}

async function signedIn(mode: 'store' | 'revocations'): Promise<Site> {
  const clock = fakeClock()
  const store = countingStore(memoryStore({ clock }))
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
  return { clock, store, jar: ownJar, visit }
}
