import { type CookieJar, cookieJar } from 'wafer-session/testing'
import type { App } from './exchange.ts'

/** Someone at a browser, in as many tabs as there are requests at once; or a thief with a copy of its cookies. */
export interface Browser {
  readonly name: string
  readonly user: string
  readonly isThief: boolean
  readonly jar: CookieJar
  /** The sessions that it may see: its own, and those of the cookies that it has copied. */
  readonly known: Set<string>
  /** Every cookie value that it was ever given. */
  readonly given: { readonly app: App; readonly value: string }[]
}

/** One with an empty jar. */
export function newBrowser(
  world: { readonly now: number },
  name: string,
  user: string,
  isThief: boolean,
): Browser {
  return { name, user, isThief, jar: cookieJar({ clock: () => world.now }), known: new Set(), given: [] }
}
