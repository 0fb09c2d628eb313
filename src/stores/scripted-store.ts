import type { SessionStore, StoreConsistency, StoredValue } from '../store.ts'
import { SCRIPT, SCRIPT_SHA } from './redis-script.ts'

/** Sends one EVALSHA or EVAL; `script` is the digest or the text. */
export type Evaluate = (
  command: 'EVALSHA' | 'EVAL',
  script: string,
  keys: string[],
  args: string[],
) => Promise<unknown>

export interface ScriptedStoreOptions {
  readonly prefix: string
  readonly consistency: StoreConsistency
  /** `atomic`: all keys are on one server. `ordered`: records and tags may be on different ones. */
  readonly index: 'atomic' | 'ordered'
  /** Reads records by their Redis keys; left out, the script does. */
  readonly read?: ((keys: string[]) => Promise<unknown>) | undefined
}

/** A store over any server that runs `SCRIPT`. */
export function scriptedStore(evaluate: Evaluate, options: ScriptedStoreOptions): Required<SessionStore> {
  const run = scriptRunner(evaluate)
  const { prefix, consistency, index, read = (keys) => run(keys, ['read']) } = options
  const atomic = index === 'atomic'
  const recordKey = (key: string) => prefix + memberOf(key)
  const withPrefix = (key: string) => (atomic ? [key, prefix] : [key])

  /** Clients send again what got no answer; the script knows its own head and says yes again. */
  async function put(key: string, value: string, { expected, head, expiresAt }: Put): Promise<string | null> {
    const expiry = lastMoment(expiresAt)
    if (!atomic) {
      const enlisting = tagLines(head).map((line) => run([prefix + line], ['enlist', memberOf(key), expiry]))
      await Promise.all(enlisting)
    }
    const args = ['put', expected, head, encoded(value), expiry]
    return isYes(await run(withPrefix(recordKey(key)), args)) ? head : null
  }

  async function getMany(keys: readonly string[]): Promise<(StoredValue | null)[]> {
    if (keys.length === 0) return []
    if (!atomic && keys.length > 1) return Promise.all(keys.map(get))
    return arrayOf(await read(keys.map(recordKey)), keys.length).map(parseRecord)
  }

  async function get(key: string): Promise<StoredValue | null> {
    const [record = null] = await getMany([key])
    return record
  }

  return {
    capabilities: { consistency, atomicUpdate: true, index },
    get,
    getMany,
    create: (key, value, { expiresAt, tags = [] }) =>
      put(key, value, { expected: 'absent', head: newHead(tags.map(tagLine)), expiresAt }),
    update: (key, value, { expiresAt, version, tags }) =>
      put(key, value, {
        expected: `=${version}`,
        head: newHead(tags ? tags.map(tagLine) : tagLines(version)),
        expiresAt,
      }),
    async delete(key, { version } = {}) {
      const args = version === undefined ? ['delete'] : ['delete', version]
      isYes(await run(withPrefix(recordKey(key)), args))
    },
    async list(tag) {
      const line = tagLine(tag)
      const members = arrayOf(await run(withPrefix(prefix + line), ['list']))
      const keys = members.map((member) => decoded(String(member).slice(2)))
      if (atomic) return keys
      const records = await getMany(keys)
      return keys.filter((_, i) => tagLines(records[i]?.version ?? '').includes(line))
    },
  }
}

/** A server that has started since, or has taken over, does not know the script: then nothing has run yet. */
function scriptRunner(evaluate: Evaluate): (keys: string[], args: string[]) => Promise<unknown> {
  return async (keys, args) => {
    try {
      return await evaluate('EVALSHA', SCRIPT_SHA, keys, args)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return evaluate('EVAL', SCRIPT, keys, args)
    }
  }
}

const NO_ANSWER = 'Redis gave an answer that the script never gives.'

interface Put {
  readonly expected: string
  readonly head: string
  readonly expiresAt: number
}

/** `@upstash/redis` repeats the command, and so any key, at the end of its message. */
function isUnknownScript(error: unknown): boolean {
  const [message = ''] = String((error as Error | undefined)?.message).split(', command was:')
  return message.includes('NOSCRIPT')
}

/** PXAT keeps a key while the clock shows this millisecond; at `expiresAt` it has to be gone. */
function lastMoment(expiresAt: number): string {
  return String(Math.max(1, Math.ceil(expiresAt) - 1))
}

function memberOf(key: string): string {
  return `s:${encoded(key)}`
}

function tagLine(tag: string): string {
  return `t:${encoded(tag)}`
}

function newHead(lines: readonly string[]): string {
  return [crypto.randomUUID(), ...new Set(lines)].join('\n')
}

function tagLines(head: string): string[] {
  return head.split('\n').slice(1)
}

/** What somebody else wrote has the version '', in the script too, so that it can be replaced and removed. */
function parseRecord(reply: unknown): StoredValue | null {
  if (reply === null) return null
  const text = String(reply)
  const [, version = '', value = text] = /^([\da-f-]+[\s\S]*?)\nv:([\s\S]*)$/.exec(text) ?? []
  return { value: decoded(value), version }
}

/** A line feed ends a line of a record, and half a surrogate pair has no bytes. */
function encoded(text: string): string {
  return text.replace(/[%\n]|\p{Surrogate}/gu, (c) => `%${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function decoded(text: string): string {
  return text.replace(/%([\da-f]{4})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** Anything but a definite answer is a failure, never "no": an aborted request may look like a reply. */
function isYes(reply: unknown): boolean {
  const answer = String(reply) // A client may be told to keep numbers as strings.
  if (answer !== '0' && answer !== '1') throw new TypeError(NO_ANSWER)
  return answer === '1'
}

function arrayOf(reply: unknown, length?: number): unknown[] {
  if (Array.isArray(reply) && reply.length === (length ?? reply.length)) return reply
  throw new TypeError(NO_ANSWER)
}
