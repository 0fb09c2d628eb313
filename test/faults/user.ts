import type { Device } from './ledger/device.ts'
import type { Account, Ledger } from './ledger/ledger.ts'
import { GONE } from './ledger/states.ts'
import type { Finding, Wish } from './site.ts'

/** Carries a request to the application; rejects when no answer comes. */
export type Send = (request: Request) => Promise<Response>

/** Whoever sits before a device. */
export class User {
  #count = 0
  readonly #ledger: Ledger
  readonly #account: Account
  readonly device: Device
  readonly #send: Send

  constructor(ledger: Ledger, account: Account, device: Device, send: Send) {
    this.#ledger = ledger
    this.#account = account
    this.device = device
    this.#send = send
  }

  get isSignedOut(): boolean {
    const { possible } = this.device
    return possible.size === 1 && possible.has(GONE)
  }

  get isFirst(): boolean {
    return this.device === this.#account.devices[0]
  }

  /** Another number each time. */
  count(): number {
    return ++this.#count
  }

  /** @returns The answer, undefined for none or an error. */
  async ask(wish: Wish, others: readonly Wish[] = []): Promise<Finding | undefined> {
    const settle = await this.#asked(wish, others)
    return settle()
  }

  /** From two tabs. What failed is entered first: it may have been there when the other was written. */
  async askAtOnce(one: Wish, other: Wish): Promise<void> {
    const settled = await Promise.all([this.#asked(one, [other]), this.#asked(other, [one])])
    for (const failed of [true, false]) for (const settle of settled) if (settle.failed === failed) settle()
  }

  async signIn(): Promise<boolean> {
    const [account, startedAt] = [this.#account, Date.now()]
    const isRevoking = account.revoking > 0
    const found = await this.ask({ action: 'sign-in', user: account.user, n: this.count() })
    if (found === undefined) return false
    this.device.mayEnd = false
    if (isRevoking || account.revoking > 0 || account.revokedAt >= startedAt) this.device.mayBeRevoked()
    return true
  }

  async signOut(): Promise<void> {
    const header = this.device.jar.header()
    const startedAt = Date.now()
    const found = await this.ask({ action: 'sign-out' })
    if (found !== undefined && found.user !== null) this.#ledger.dead.add(header, startedAt)
  }

  /** @returns Whether it was acknowledged. */
  async revokeOthers(): Promise<boolean> {
    const startedAt = Date.now()
    const others = this.#account.devices.filter((device) => device !== this.device)
    for (const device of others) device.mayBeRevoked()
    this.#account.revoking++
    const found = await this.ask({ action: 'revoke' })
    this.#account.revoking--
    this.#account.revokedAt = Date.now()
    if (found === undefined || found.user === null) return false
    for (const device of others) {
      if (device.signedInAt >= startedAt) continue
      this.#ledger.figures.revoked++
      device.revoked()
    }
    return true
  }

  /** @returns False when there is none left. */
  async tryDeadCookie(): Promise<boolean> {
    const dead = this.#ledger.dead.take()
    if (dead === undefined) return false
    const response = await this.#answer({ action: 'read' }, dead.header)
    if (response?.status !== 200) return true
    if (this.#ledger.dead.isExcused(dead)) this.#ledger.figures.undone++
    else this.#ledger.wrongs.push(`${this.#account.user}: a sign-out was undone`)
    return true
  }

  /** Without a cookie: whatever the store does. */
  async comeAnonymously(): Promise<void> {
    const response = await this.#answer({ action: 'read' }, '')
    if (response?.status === 503) this.#ledger.wrongs.push('a request without a cookie was refused')
  }

  async #asked(
    wish: Wish,
    others: readonly Wish[],
  ): Promise<(() => Finding | undefined) & { failed: boolean }> {
    const { device } = this
    const call = device.start(others)
    const response = await this.#answer(wish, device.jar.header())
    const failed = response === undefined || ![200, 401].includes(response.status)
    if (failed) return Object.assign(() => void device.failed(wish), { failed })
    const found = (await response.json()) as Finding
    const settle = () => {
      device.jar.store(response)
      this.#ledger.compared(this.#account, device.answered(call, wish, found))
      if (found.user !== null && found.user !== this.#account.user) {
        this.#ledger.wrongs.push(`${this.#account.user} was taken for ${found.user}`)
      }
      if (response.status === 200 && wish.action !== 'read') this.#ledger.figures.acknowledged++
      return found
    }
    return Object.assign(settle, { failed })
  }

  /** Undefined when none came; a status that is none of ours is wrong. */
  async #answer(wish: Wish, cookie: string): Promise<Response | undefined> {
    const { figures, wrongs } = this.#ledger
    figures.requests++
    const request = new Request('https://example.test/', {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    })
    const response = await this.#send(request).catch(() => undefined)
    const status = response?.status ?? 503
    if (status === 503) figures.failed++
    else if (status === 409) figures.conflicts++
    else if (status !== 200 && status !== 401) wrongs.push(`${wish.action} was answered by ${status}`)
    if (status >= 500 && response?.headers.has('set-cookie')) wrongs.push(`a ${status} set a cookie`)
    return response
  }
}
