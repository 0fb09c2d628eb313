import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import type { Passkey, People, User } from './people.ts'

/** COSE names of Ed25519, ES256 and RS256. */
const ALGORITHMS = [-8, -7, -257]

interface UsedPasskey {
  readonly passkey: Passkey
  readonly userVerified: boolean
}

/** What a site asks an authenticator, and what it makes of the answer: by @simplewebauthn/server. */
export class Ceremonies {
  readonly #origin: string
  readonly #rpID: string
  readonly #people: People

  constructor(origin: string, people: People) {
    this.#origin = origin
    this.#rpID = new URL(origin).hostname
    this.#people = people
  }

  askForNewPasskey({ id, name }: User) {
    return generateRegistrationOptions({
      rpName: 'Passkeys',
      rpID: this.#rpID,
      userName: name,
      userID: new Uint8Array(Buffer.from(id, 'base64url')),
      excludeCredentials: this.#people.passkeysOf(id),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
    })
  }

  /** The passkey that was made, null when the answer is none to this challenge (WebAuthn 3 §7.1). */
  async newPasskey(
    response: RegistrationResponseJSON,
    expectedChallenge: string,
    { id }: User,
  ): Promise<Passkey | null> {
    const { registrationInfo: made } = await verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: this.#origin,
      expectedRPID: this.#rpID,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }).catch(notVerified)
    if (made === undefined || this.#people.passkey(made.credential.id) !== undefined) return null
    const { credential, credentialDeviceType, credentialBackedUp } = made
    return { ...credential, userId: id, deviceType: credentialDeviceType, backedUp: credentialBackedUp }
  }

  /** Whoever it is: the authenticator knows which passkeys it has for this site. */
  askForAnyPasskey() {
    return generateAuthenticationOptions({ rpID: this.#rpID, userVerification: 'preferred' })
  }

  /** And the authenticator is to look at its user, by a PIN, a finger or a face. */
  askForPasskeyOf(userId: string) {
    const allowCredentials = this.#people.passkeysOf(userId)
    return generateAuthenticationOptions({ rpID: this.#rpID, allowCredentials, userVerification: 'required' })
  }

  /** The passkey that signed this challenge, null when none did (WebAuthn 3 §7.2). */
  async usedPasskey(
    response: AuthenticationResponseJSON,
    expectedChallenge: string,
    { requireUserVerification }: { readonly requireUserVerification: boolean },
  ): Promise<UsedPasskey | null> {
    const passkey = this.#people.passkey(response.id)
    const { userHandle } = response.response ?? {}
    if (passkey === undefined || (userHandle ?? passkey.userId) !== passkey.userId) return null
    const { authenticationInfo: used, verified } = await verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin: this.#origin,
      expectedRPID: this.#rpID,
      credential: passkey,
      requireUserVerification,
    }).catch(notVerified)
    if (!verified || used === undefined) return null
    passkey.counter = used.newCounter
    passkey.backedUp = used.credentialBackedUp
    return { passkey, userVerified: used.userVerified }
  }
}

/** Whatever was wrong with an answer, it was not accepted. */
function notVerified(): { verified: false; registrationInfo?: undefined; authenticationInfo?: undefined } {
  return { verified: false }
}
