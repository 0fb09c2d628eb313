/** Asymmetric only. ML-DSA (FIPS 204) where the runtime's Web Crypto has it. */
export type SigningAlgorithm =
  | 'EdDSA'
  | 'Ed25519'
  | 'ES256'
  | 'RS256'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87'

/** A JSON Web Key (RFC 7517), with the members of every kind of key that signs here. */
export interface Jwk {
  readonly kty?: string | undefined
  readonly alg?: string | undefined
  readonly kid?: string | undefined
  readonly use?: string | undefined
  readonly key_ops?: readonly string[] | undefined
  readonly ext?: boolean | undefined
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
  readonly n?: string | undefined
  readonly e?: string | undefined
  readonly pub?: string | undefined
  /** Private, as everything below. */
  readonly d?: string | undefined
  readonly p?: string | undefined
  readonly q?: string | undefined
  readonly dp?: string | undefined
  readonly dq?: string | undefined
  readonly qi?: string | undefined
  readonly priv?: string | undefined
}

/** A private key that signs tokens: `generateSigningKey()` makes one. */
export interface SigningKey extends Jwk {
  readonly kty: string
  readonly alg: SigningAlgorithm
  /** Names the key in tokens and in the published set. */
  readonly kid: string
}

/** What is published (RFC 7517 §5). */
export interface JwkSet {
  readonly keys: readonly Jwk[]
}

interface KeyType {
  readonly algorithms: readonly SigningAlgorithm[]
  /** Of a key that names none. */
  readonly implied?: SigningAlgorithm
  readonly crv?: string
  readonly publicMembers: readonly (keyof Jwk)[]
  readonly privateMember: 'd' | 'priv'
}

/** RFC 7518 §6, RFC 8037 §2, RFC 9964 §3. */
const KEY_TYPES: { readonly [kty: string]: KeyType } = {
  __proto__: null as never,
  OKP: {
    algorithms: ['EdDSA', 'Ed25519'],
    implied: 'EdDSA',
    crv: 'Ed25519',
    publicMembers: ['crv', 'x'],
    privateMember: 'd',
  },
  EC: {
    algorithms: ['ES256'],
    implied: 'ES256',
    crv: 'P-256',
    publicMembers: ['crv', 'x', 'y'],
    privateMember: 'd',
  },
  RSA: { algorithms: ['RS256'], implied: 'RS256', publicMembers: ['n', 'e'], privateMember: 'd' },
  AKP: {
    algorithms: ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'],
    publicMembers: ['pub'],
    privateMember: 'priv',
  },
}

/** Characters of base64url that a modulus of 2048 bits has (RFC 7518 §3.3). */
const MODULUS_LENGTH = 342

export const ALGORITHMS: readonly SigningAlgorithm[] = /* @__PURE__ */ Object.values(KEY_TYPES).flatMap(
  ({ algorithms }) => algorithms,
)

/** The one algorithm that a key is for (RFC 8725 §3.1), or null when it is for none of ours. */
export function algorithmOf({ kty, alg, crv, n, use }: Jwk): SigningAlgorithm | null {
  const type = KEY_TYPES[kty as string]
  if (type === undefined || (use !== undefined && use !== 'sig') || crv !== type.crv) return null
  if (n !== undefined && n.length < MODULUS_LENGTH) return null
  return type.algorithms.find((known) => known === (alg ?? type.implied)) ?? null
}

/** The members that everyone may see, listed one by one so that no private one can slip through. */
export function publicJwk(key: Jwk, alg: SigningAlgorithm): Jwk {
  const { publicMembers = [] } = KEY_TYPES[key.kty as string] ?? {}
  const members = publicMembers.map((name) => [name, key[name]])
  const { kty, kid } = key
  return { kty, ...Object.fromEntries(members), ...(kid !== undefined && { kid }), alg, use: 'sig' }
}

/** The private member of a key. */
export function privateMember(key: Jwk): string | undefined {
  const type = KEY_TYPES[key.kty as string]
  return type && key[type.privateMember]
}
