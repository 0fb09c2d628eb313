import { concat, fromUtf8 } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import { type KeyFinder, keyFinder } from './key-finder.ts'

/** Seconds for which the keys of a URI serve before they are asked for again. */
const MAX_AGE = 300

/** Seconds for which they still serve while the endpoint fails. A key that was taken back lives no longer than that. */
const MAX_STALE = 3600

/** Seconds between two requests for the sake of keys that are not in the set: anyone can make one up. */
const COOLDOWN = 30

/** Seconds until an endpoint that failed is asked again. */
const FAILURE_PAUSE = 5

/** Far more than a set of keys has. */
const MAX_BYTES = 262_144

/** Endpoints that are remembered; of more, the one that was met first is forgotten. */
const MAX_ENDPOINTS = 100

/** On Workers no request may wait for what another one fetches. */
const SHARES_FETCHES =
  typeof navigator === 'undefined' || !/^Cloudflare-Workers/.test(navigator.userAgent ?? '')

interface Asked {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Seconds that the answer may take. */
  readonly timeout: number
}

const endpoints = /* @__PURE__ */ new Map<string, RemoteKeys>()

/** The keys at a URI: one cache for everyone who asks, as verifiers are made per request. */
export function remoteKeys(uri: URL): RemoteKeys {
  const known = endpoints.get(uri.href)
  if (known !== undefined) return known
  const keys = new RemoteKeys(uri.href)
  endpoints.set(uri.href, keys)
  const [oldest] = endpoints.keys()
  if (endpoints.size > MAX_ENDPOINTS) endpoints.delete(oldest as string)
  return keys
}

/** The keys of one endpoint. */
export class RemoteKeys {
  readonly #uri: string
  #keys: { readonly find: KeyFinder; readonly at: number } | undefined
  #failure: { readonly error: SessionError; readonly at: number } | undefined
  #pending: Promise<KeyFinder> | undefined
  /** When a key was last looked for that was not in the set. */
  #missedAt = Number.NEGATIVE_INFINITY

  constructor(uri: string) {
    this.#uri = uri
  }

  /** @throws {SessionError} `ERR_TOKEN_KEYS` when the endpoint cannot be reached and nothing is known of the key. */
  async find(...[alg, kid, asked]: [...Parameters<KeyFinder>, Asked]): ReturnType<KeyFinder> {
    const known = await this.#known(asked)
    const key = await known.find(alg, kid)
    if (key !== null || known.isNew) return key
    return (await this.#afterMiss(asked))?.(alg, kid) ?? null
  }

  async #known(asked: Asked): Promise<{ find: KeyFinder; isNew: boolean }> {
    const keys = this.#keys
    if (keys && isWithin(MAX_AGE, keys.at, asked.now)) return { ...keys, isNew: false }
    try {
      return { find: await this.#load(asked), isNew: true }
    } catch (error) {
      if (keys && isWithin(MAX_STALE, keys.at, asked.now)) return { ...keys, isNew: false }
      throw error
    }
  }

  /** A new key may have been published since: asks once, and then not for a while. */
  async #afterMiss(asked: Asked): Promise<KeyFinder | null> {
    const isUnderWay = SHARES_FETCHES && this.#pending !== undefined
    if (!isUnderWay && this.#failure === undefined) {
      if (isWithin(COOLDOWN, this.#missedAt, asked.now)) return null
      this.#missedAt = asked.now
    }
    return this.#load(asked)
  }

  async #load(asked: Asked): Promise<KeyFinder> {
    if (SHARES_FETCHES && this.#pending !== undefined) return this.#pending
    if (this.#failure && isWithin(FAILURE_PAUSE, this.#failure.at, asked.now)) throw this.#failure.error
    const pending = this.#fetched(asked)
    this.#pending = pending
    try {
      return await pending
    } finally {
      this.#pending = undefined
    }
  }

  async #fetched({ now, timeout }: Asked): Promise<KeyFinder> {
    try {
      const find = await fetchKeys(this.#uri, timeout)
      this.#keys = { find, at: now }
      this.#failure = undefined
      return find
    } catch (cause) {
      const error = new SessionError('ERR_TOKEN_KEYS', `${this.#uri} gives no keys.`, { cause })
      this.#failure = { error, at: now }
      throw error
    }
  }
}

/** A clock that was set back makes everything old. */
function isWithin(seconds: number, since: number, now: number): boolean {
  return now >= since && now - since < seconds * 1000
}

async function fetchKeys(uri: string, timeout: number): Promise<KeyFinder> {
  const response = await fetch(uri, {
    headers: { Accept: 'application/jwk-set+json, application/json' },
    redirect: 'manual', // Where keys come from is not for the endpoint to say.
    signal: AbortSignal.timeout(timeout * 1000),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`the answer has the status ${response.status}`)
  }
  const find = keyFinder(JSON.parse(await boundedText(response)))
  if (find === null) throw new Error('the answer is no JWK Set (RFC 7517 §5)')
  return find
}

async function boundedText({ body }: Response): Promise<string> {
  const reader = (body ?? new Blob().stream()).getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value)
    size += part.value.length
    if (size > MAX_BYTES) {
      await reader.cancel()
      throw new Error(`the answer has more than ${MAX_BYTES} bytes`)
    }
  }
  return fromUtf8(concat(...chunks)) ?? ''
}
