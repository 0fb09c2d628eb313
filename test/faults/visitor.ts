import { setTimeout as sleep } from 'node:timers/promises'
import { type CookieJar, cookieJar } from 'wafer-session/testing'
import type { Finding, Wish } from './site.ts'
import type { Send } from './user.ts'

/** Milliseconds; far more than any recovery takes. */
const LIMIT = 30_000

/** A browser, and one request after the other. */
export class Visitor {
  readonly jar: CookieJar = cookieJar()
  readonly #send: Send

  constructor(send: Send) {
    this.#send = send
  }

  ask(wish: Wish): Promise<Response> {
    const headers = { 'content-type': 'application/json' }
    return this.jar.request({ fetch: this.#send }, '/', {
      method: 'POST',
      headers,
      body: JSON.stringify(wish),
    })
  }

  /** Asks again for as long as no answer comes, or an error. */
  surely(wish: Wish): Promise<Finding> {
    return this.until(wish, () => true)
  }

  /** Asks again until it finds what it waits for. */
  async until(wish: Wish, isEnough: (found: Finding) => boolean): Promise<Finding> {
    const limit = Date.now() + LIMIT
    for (;;) {
      const response = await this.ask(wish).catch(() => undefined)
      if (response?.status === 200 || response?.status === 401) {
        const found = (await response.json()) as Finding
        if (isEnough(found)) return found
      }
      if (Date.now() > limit) throw new Error(`${wish.action} got ${response?.status} for ${LIMIT} ms.`)
      await sleep(20)
    }
  }
}
