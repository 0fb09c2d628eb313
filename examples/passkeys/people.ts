import type { CredentialDeviceType, WebAuthnCredential } from '@simplewebauthn/server'

/** What a database keeps of a passkey: all of this, with `id` unique over all users, and an index on `userId`. */
export interface Passkey extends WebAuthnCredential {
  readonly userId: string
  /** Written at every use: one that does not rise means that there are two of what should be one. Synced ones stay at 0. */
  counter: number
  /** `multiDevice` can leave the device that made it. */
  readonly deviceType: CredentialDeviceType
  /** Written at every use: once true, losing the device does not lose the passkey. */
  backedUp: boolean
}

export interface User {
  /** Random, since the authenticator keeps it and tells it (WebAuthn 3 §14.6.1). */
  readonly id: string
  readonly name: string
}

/** In the place of a database: all is forgotten when the process ends. */
export class People {
  readonly #users = new Map<string, User>()
  readonly #passkeys = new Map<string, Passkey>()

  add(user: User, passkey: Passkey): void {
    this.#users.set(user.id, user)
    this.#passkeys.set(passkey.id, passkey)
  }

  user(id: string | undefined): User | undefined {
    return this.#users.get(id ?? '')
  }

  passkey(id: string): Passkey | undefined {
    return this.#passkeys.get(id)
  }

  passkeysOf(userId: string | undefined): Passkey[] {
    return [...this.#passkeys.values()].filter((passkey) => passkey.userId === userId)
  }
}
