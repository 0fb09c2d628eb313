import { createSessionManager, generateSecret, type SessionManagerOptions } from '../../src/index.ts'
import type { SessionStore } from '../../src/store.ts'
import { type KVBinding, kvStore } from '../../src/stores/cloudflare-kv.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { createTestSession } from '../../src/testing/index.ts'
import { PAYLOAD } from '../payload.ts'
import { kvBinding } from '../stores/key-value.ts'

const USER = '01HZX3T6Q9V8E2K7M4N5P1R0SD'

/** What a store is given for one session with the payload, and for one that was revoked. */
export interface AtRest {
  /** A sealed record, and the tag it is listed under. */
  readonly record: { readonly value: string; readonly tag: string }
  /** Bytes of names and values in KV. */
  readonly kvSession: number
  readonly kvMark: number
}

export async function atRest(): Promise<AtRest> {
  let record = { value: '', tag: '' }
  const memory = memoryStore()
  const store: SessionStore = {
    ...memory,
    create(key, value, options) {
      record = { value, tag: options.tags?.[0] ?? '' }
      return memory.create(key, value, options)
    },
  }
  await signIn({ store })
  const [session, mark] = [weighed(), weighed()]
  await signIn({ store: kvStore(session.binding) })
  const marked = createSessionManager({ secret: generateSecret(), revocations: kvStore(mark.binding) })
  await marked.users.revokeAll(USER)
  return { record, kvSession: session.bytes(), kvMark: mark.bytes() }
}

async function signIn(place: Partial<SessionManagerOptions>): Promise<void> {
  const { userId, ...data } = PAYLOAD
  const sessions = createSessionManager<object>({ secret: generateSecret(), ...(place as object) })
  await createTestSession(sessions, { userId: USER, data })
}

function weighed(): { binding: KVBinding; bytes(): number } {
  const binding = kvBinding({ reads: 0, writes: 0 })
  let bytes = 0
  return {
    bytes: () => bytes,
    binding: {
      ...binding,
      put(key, value, options) {
        bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
        return binding.put(key, value, options)
      },
    },
  }
}
