import { payloadOf } from '../payload.ts'
import type { CreateApp, Fetch } from '../peers/peer.ts'
import { ORIGIN, SECRET, Visitor } from '../visitor.ts'

export type Scenario = 'anonymous' | 'read' | 'write' | 'sign-in' | 'forged'

/** A batch of the same request. */
export interface Batch {
  readonly scenario: Scenario
  /** Of the session's JSON. */
  readonly bytes: number
  readonly requests: number
  readonly inFlight: number
}

export type Run = (batch: Batch) => Promise<void>

/** Sends batches to a peer's application, by its `fetch`: no network takes part. */
export function createRunner(createApp: CreateApp, redis?: string): Run {
  const sites = new Map<number, Promise<Site>>()

  return async ({ scenario, bytes, requests, inFlight }) => {
    if (!sites.has(bytes)) sites.set(bytes, createSite(createApp, bytes, redis))
    const site = await sites.get(bytes)
    if (site === undefined) throw new Error('No site.')
    const send = requestOf(site, scenario)
    if (inFlight === 1) for (let sent = 0; sent < requests; sent++) await send()
    else await Promise.all(Array.from({ length: inFlight }, () => repeat(send, requests / inFlight)))
  }
}

interface Site {
  readonly fetch: Fetch
  readonly cookie: string
}

/** Signs in, and looks that the session is there: nothing is won by what does not work. */
async function createSite(createApp: CreateApp, bytes: number, redis?: string): Promise<Site> {
  const payload = payloadOf(bytes)
  const fetch = await createApp({ secret: SECRET, payload, ...(redis && { redis }) })
  const visitor = new Visitor(fetch)
  const { status } = await visitor.send('POST', '/sign-in')
  const cookie = visitor.header
  if ((await visitor.read()) !== payload.theme)
    throw new Error(`Signed in with ${status}, and it was not there.`)
  return { fetch, cookie }
}

/** One character of the value is another, well inside of what is protected. */
export function forge(cookie: string): string {
  const equals = cookie.indexOf('=')
  const middle = equals + Math.floor((cookie.length - equals) * 0.6)
  const place = middle + cookie.slice(middle).search(/[A-Za-z]/)
  return cookie.slice(0, place) + (cookie[place] === 'Q' ? 'R' : 'Q') + cookie.slice(place + 1)
}

function requestOf({ fetch, cookie }: Site, scenario: Scenario): () => Response | Promise<Response> {
  const url = `${ORIGIN}/${scenario === 'write' || scenario === 'sign-in' ? scenario : 'read'}`
  const method = url.endsWith('/read') ? 'GET' : 'POST'
  const sent = scenario === 'forged' ? forge(cookie) : cookie
  const anonymous = scenario === 'anonymous' || scenario === 'sign-in' || sent === ''
  const init = anonymous ? { method } : { method, headers: { Cookie: sent } }
  return () => fetch(new Request(url, init))
}

async function repeat(send: () => unknown, times: number): Promise<void> {
  for (let sent = 0; sent < times; sent++) await send()
}
