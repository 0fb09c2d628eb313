import { keyringOf } from '../crypto/keyring.ts'
import { firstKey, mac } from '../crypto/mac.ts'
import type { Secret } from '../crypto/secret.ts'
import { lengthPrefixed, toBase64Url } from '../encoding.ts'
import { truncateAddress } from '../session/address.ts'
import type { LogEntry } from './log-entry.ts'

/** What logs may say of people (GDPR Article 4(5): a keyed hash is a pseudonym, and can be told apart from nothing else). */
export interface PrivacyOptions {
  /** The public handle opens nothing; a keyed hash does not even join a log to a list of sessions. @default 'handle' */
  readonly sessionId?: 'handle' | 'hash' | undefined
  /** @default 'plain' */
  readonly userId?: 'plain' | 'hash' | undefined
  /** The first 24 bits of an IPv4 address or 48 of an IPv6 address, a keyed hash of the whole, or nothing. @default 'truncated' */
  readonly address?: 'truncated' | 'hash' | 'omit' | undefined
  /** For the hashes: the one of the sessions, or another. The same value has the same hash until it changes. */
  readonly secret?: Secret | readonly Secret[] | undefined
}

export type Redact = (entry: LogEntry) => LogEntry | Promise<LogEntry>

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  sessionId: ['handle', 'hash'],
  userId: ['plain', 'hash'],
  address: ['truncated', 'hash', 'omit'],
}

/** @throws {TypeError} For wrong options. */
export function redactor(options: PrivacyOptions = {}): Redact {
  const { secret, ...choices } = options
  for (const [name, choice] of Object.entries(choices)) {
    if (choice === undefined || CHOICES[name]?.includes(choice)) continue
    throw new TypeError(`privacy.${name} must be ${CHOICES[name]?.join(' or ') ?? 'left out'}.`)
  }
  const hashes = Object.values(choices).includes('hash')
  if (!hashes) return (entry) => ({ ...entry, address: addressOf(entry, choices.address) })
  if (secret === undefined) throw new TypeError('privacy needs a secret for its hashes.')
  const keyring = keyringOf(secret)
  const hash = async (kind: string, value: string | undefined) => {
    if (value === undefined) return undefined
    const digest = await mac(keyring, await firstKey(keyring), 'log', lengthPrefixed(kind, value))
    return toBase64Url(digest.subarray(0, 16))
  }
  return async (entry) => ({
    ...entry,
    ...(choices.sessionId === 'hash' && {
      sessionId: await hash('session', entry.sessionId),
      previousId: await hash('session', entry.previousId),
    }),
    ...(choices.userId === 'hash' && { userId: await hash('user', entry.userId) }),
    address:
      choices.address === 'hash' ? await hash('address', entry.address) : addressOf(entry, choices.address),
  })
}

function addressOf({ address }: LogEntry, choice: PrivacyOptions['address']): string | undefined {
  return choice === 'omit' || address === undefined ? undefined : truncateAddress(address)
}
