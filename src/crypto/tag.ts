import { type Bytes, lengthPrefixed } from '../encoding.ts'
import type { Keyring, RingKey } from './keyring.ts'
import { mac } from './mac.ts'

/**
 * What a tag may name: a user, a session of a user, a session or a user at an OpenID provider (`iss` and `sid` or `sub`),
 * or what a feature keeps on the server.
 */
export type TagKind = 'user' | 'session' | 'oidc-sid' | 'oidc-sub' | 'state'

/** 16 bytes that stand for a name in a store, which never sees the name: `HMAC(tag key, LP(kind) LP(part)…)`. */
export async function tagOf(
  keyring: Keyring,
  ringKey: RingKey,
  kind: TagKind,
  ...parts: readonly string[]
): Promise<Bytes> {
  return (await mac(keyring, ringKey, 'tag', lengthPrefixed(kind, ...parts))).slice(0, 16)
}

/** The tag under every secret of the ring: what was written before a rotation is found after it. */
export async function tagsOf(keyring: Keyring, kind: TagKind, ...parts: readonly string[]): Promise<Bytes[]> {
  const ringKeys = [...(await keyring.keys()).values()]
  return Promise.all(ringKeys.map((ringKey) => tagOf(keyring, ringKey, kind, ...parts)))
}
