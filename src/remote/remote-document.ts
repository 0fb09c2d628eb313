import { fromUtf8 } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import { boundedBody } from './bounded-body.ts'

/** Seconds for which a document serves before it is asked for again. */
const MAX_AGE = 300

/** Seconds for which it still serves while its endpoint fails. */
const MAX_STALE = 3600

/** Seconds between two requests for the sake of what is not in it: anyone can make up a key. */
const COOLDOWN = 30

/** An endpoint that has failed so often in a row is left alone for so many seconds. */
const MAX_FAILURES = 3
const FAILURE_PAUSE = 5

/** Seconds that an answer may take, unless said otherwise. */
const TIMEOUT = 5

/** Far more than a set of keys has, or the metadata of a provider. */
const MAX_BYTES = 262_144

/** Documents that are remembered; of more, the one that was met first is forgotten. */
const MAX_DOCUMENTS = 100

/** On Workers no request may wait for what another one fetches. */
const SHARES_FETCHES =
  typeof navigator === 'undefined' || !/^Cloudflare-Workers/.test(navigator.userAgent ?? '')

/** @throws When the JSON is not what it should be. */
export type Reader<Content> = (json: unknown) => Content

interface Loaded<Content> {
  readonly content: Content
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A JSON document that somebody publishes, kept for a while. Times are milliseconds since the epoch. */
export class RemoteDocument<Content> {
  readonly #uri: string
  readonly #read: Reader<Content>
  #loaded: Loaded<Content> | undefined
  #pending: Promise<Content> | undefined
  #failures = 0
  #lastFailure: { readonly cause?: unknown; readonly at: number } = { at: Number.NEGATIVE_INFINITY }
  /** When something was last looked for that was not in it. */
  #missedAt = Number.NEGATIVE_INFINITY

  constructor(uri: string, read: Reader<Content>) {
    this.#uri = uri
    this.#read = read
  }

  /** @throws {SessionError} `ERR_TOKEN_KEYS` when the endpoint gives none, and none is known that is recent enough. */
  async get(now: number, timeout: number = TIMEOUT): Promise<Content> {
    const loaded = this.#loaded
    if (loaded && isWithin(MAX_AGE, loaded.at, now)) return loaded.content
    try {
      return await this.#load(now, timeout)
    } catch (error) {
      if (loaded && isWithin(MAX_STALE, loaded.at, now)) return loaded.content
      throw error
    }
  }

  /**
   * What `look` finds in the document; what is missing there may have been published since.
   *
   * @returns Null when it is missing.
   * @throws {SessionError} `ERR_TOKEN_KEYS`
   */
  async find<Found>(
    look: (content: Content) => Promise<Found | null>,
    now: number,
    timeout: number = TIMEOUT,
  ): Promise<Found | null> {
    const before = this.#loaded?.content
    const content = await this.get(now, timeout)
    const found = await look(content)
    if (found !== null || content !== before) return found
    const newer = await this.#newerThan(content, now, timeout)
    return newer === null ? null : look(newer)
  }

  /**
   * The document as it is now, for what is missing in this one.
   *
   * @returns Null when that was asked a moment ago.
   * @throws {SessionError} `ERR_TOKEN_KEYS`
   */
  async #newerThan(content: Content, now: number, timeout: number): Promise<Content | null> {
    if (this.#loaded !== undefined && this.#loaded.content !== content) return this.#loaded.content
    if (this.#pending !== undefined) return this.#underWay()
    if (isWithin(COOLDOWN, this.#missedAt, now)) return null
    this.#missedAt = now
    try {
      return await this.#load(now, timeout)
    } catch (error) {
      this.#missedAt = Number.NEGATIVE_INFINITY // Nobody knows yet whether it is missing.
      throw error
    }
  }

  /** What another request is fetching; where nobody may wait for that, nobody can tell yet. */
  async #underWay(): Promise<Content | null> {
    if (SHARES_FETCHES) return this.#pending ?? null
    throw this.#outage()
  }

  async #load(now: number, timeout: number): Promise<Content> {
    if (SHARES_FETCHES && this.#pending !== undefined) return this.#pending
    if (this.#failures >= MAX_FAILURES && isWithin(FAILURE_PAUSE, this.#lastFailure.at, now)) {
      throw this.#outage(this.#lastFailure.cause)
    }
    const pending = this.#fetched(now, timeout)
    this.#pending = pending
    try {
      return await pending
    } finally {
      this.#pending = undefined
    }
  }

  async #fetched(now: number, timeout: number): Promise<Content> {
    try {
      const content = this.#read(await fetchJson(this.#uri, timeout))
      this.#loaded = { content, at: now }
      this.#failures = 0
      return content
    } catch (cause) {
      this.#failures++
      this.#lastFailure = { cause, at: now }
      throw this.#outage(cause)
    }
  }

  #outage(cause?: unknown): SessionError {
    return new SessionError('ERR_TOKEN_KEYS', `${this.#uri} does not give what it should.`, { cause })
  }
}

/** One document per URI for everyone who asks: on Workers handlers are made per request. */
export function remoteDocuments<Content>(read: Reader<Content>): (uri: string) => RemoteDocument<Content> {
  const known = new Map<string, RemoteDocument<Content>>()
  return function remoteDocument(uri) {
    const document = known.get(uri) ?? new RemoteDocument(uri, read)
    known.set(uri, document)
    const [oldest] = known.keys()
    if (known.size > MAX_DOCUMENTS) known.delete(oldest as string)
    return document
  }
}

/** A clock that was set back makes everything old. */
function isWithin(seconds: number, since: number, now: number): boolean {
  return now >= since && now - since < seconds * 1000
}

async function fetchJson(uri: string, timeout: number): Promise<unknown> {
  const response = await fetch(uri, {
    headers: { Accept: 'application/jwk-set+json, application/json' },
    redirect: 'manual', // Where keys come from is not for the endpoint to say.
    signal: AbortSignal.timeout(timeout * 1000),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`the answer has the status ${response.status}`)
  }
  const bytes = await boundedBody(response, MAX_BYTES)
  if (bytes === null) throw new Error(`the answer has more than ${MAX_BYTES} bytes`)
  return JSON.parse(fromUtf8(bytes) ?? '')
}
