import type { Window } from './device.ts'

interface DeadCookie {
  readonly header: string
  readonly endedAt: number
  /** A failover may have undone the sign-out. */
  excused: boolean
}

/** Cookies of sessions that ended, each to be tried once. */
export class DeadCookies {
  #cookies: DeadCookie[] = []
  #window: Window | undefined

  /** @param startedAt When the request that ended it was sent. */
  add(header: string, startedAt: number): void {
    // One that was under way may have been written before the failover, and acknowledged after.
    const excused = this.#window !== undefined && startedAt <= this.#window.until
    this.#cookies.push({ header, endedAt: Date.now(), excused })
  }

  /** One of them; the oldest goes first. */
  take(): DeadCookie | undefined {
    return this.#cookies.shift()
  }

  /** Also of one that was taken before the failover, and tried after it. */
  isExcused({ excused, endedAt }: DeadCookie): boolean {
    return excused || (this.#window !== undefined && endedAt >= this.#window.since)
  }

  failover(window: Window): void {
    this.#window = window
    for (const cookie of this.#cookies) cookie.excused = this.isExcused(cookie)
  }
}
