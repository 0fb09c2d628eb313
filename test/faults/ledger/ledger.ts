import { DeadCookies } from './dead-cookies.ts'
import { Device, type Judgement, type Window } from './device.ts'

/** A user with several devices. */
export interface Account {
  readonly user: string
  readonly devices: readonly Device[]
  /** How many requests that end the other devices are under way, and when the last was answered. */
  revoking: number
  revokedAt: number
}

/** What came of the requests. */
export interface Figures {
  requests: number
  /** Answered writes, of any kind. */
  acknowledged: number
  /** Answered with a 503, or not at all. */
  failed: number
  /** Answered with a 409: other requests wrote first, or the session ended meanwhile. */
  conflicts: number
  /** Answered requests whose finding was compared with what was acknowledged. */
  compared: number
  /** Sessions that another device ended. */
  revoked: number
  failovers: number
  /** Milliseconds before the end of a primary in which what it acknowledged may be lost, the longest. */
  window: number
  /** Acknowledged writes that were lost in such a time. */
  lost: number
  /** Sign-outs that were undone so. */
  undone: number
}

/** Everything that was acknowledged, and whatever contradicts it. */
export class Ledger {
  readonly accounts: readonly Account[]
  readonly dead: DeadCookies = new DeadCookies()
  /** What must not be; empty unless something is broken. */
  readonly wrongs: string[] = []
  readonly figures: Figures = {
    requests: 0,
    acknowledged: 0,
    failed: 0,
    conflicts: 0,
    compared: 0,
    revoked: 0,
    failovers: 0,
    window: 0,
    lost: 0,
    undone: 0,
  }

  constructor({ accounts, devices }: { readonly accounts: number; readonly devices: number }) {
    this.accounts = Array.from({ length: accounts }, (_, i) => ({
      user: `user ${i}`,
      devices: Array.from({ length: devices }, () => new Device()),
      revoking: 0,
      revokedAt: 0,
    }))
  }

  compared({ user }: Account, { lost, wrong }: Judgement): void {
    this.figures.compared++
    this.figures.lost += lost
    if (wrong !== undefined) this.wrongs.push(`${user}: ${wrong}`)
  }

  /** What was acknowledged in this time may be lost. */
  failover(window: Window): void {
    this.figures.failovers++
    this.figures.window = Math.max(this.figures.window, window.killedAt - window.since)
    this.dead.failover(window)
    for (const { devices } of this.accounts) for (const device of devices) device.failover(window)
  }
}
