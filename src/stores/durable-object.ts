/**
 * Records in Durable Objects of Cloudflare Workers.
 *
 * @module
 */

import type { SessionStore, StoreCapabilities } from '../store.ts'
import { checkClient } from './check-client.ts'
import type { Listing, SessionObjectNamespace, SessionObjectStub } from './session-object-types.ts'

export { SessionObject } from './session-object.ts'
export type { SessionObjectNamespace, SessionObjectState, SessionObjectStub } from './session-object-types.ts'

const CAPABILITIES: StoreCapabilities = { consistency: 'strong', atomicUpdate: true, index: 'ordered' }

/** Milliseconds that clocks of two objects may differ, by far. */
const SKEW = 60_000

/**
 * Keeps each record in a Durable Object of its own, and the keys of a tag in another: every read sees every write, of two
 * that race one wins, wherever they come from. What has expired is told by the clock of the object that holds it.
 *
 * `get`, `create`, `update` and `delete` are one call to the record's object. `create` and `delete` call the object of
 * each tag beside it; `update` does when tags change, or once in a while, and then calls the record's object twice. `list`
 * calls the object of the tag, and at the same time that of each key.
 */
export function durableObjectStore(namespace: SessionObjectNamespace): SessionStore {
  checkClient('durableObjectStore', 'the namespace of SessionObject', namespace, 'idFromName')
  // Quoted as JSON, which has an escape for half a surrogate pair: in UTF-8 all of them look alike.
  const object = (name: string) => namespace.get(namespace.idFromName(name))
  const record = (key: string) => object(`record:${JSON.stringify(key)}`)
  const index = indexOf((tag) => object(`tag:${JSON.stringify(tag)}`))

  return {
    capabilities: CAPABILITIES,
    async get(key) {
      const stored = await record(key).read()
      return stored && { value: stored.value, version: stored.version }
    },
    async create(key, value, { expiresAt, tags = [] }) {
      const listing = await index.enter(key, tags, expiresAt)
      return record(key).create({ value, expiresAt, listing })
    },
    async update(key, value, { tags, ...given }) {
      const write = { ...given, value, tags: tags && [...new Set(tags)] }
      let answer = await record(key).update(write)
      if (answer && 'unlisted' in answer) {
        const listing = await index.enter(key, answer.unlisted, given.expiresAt)
        answer = await record(key).update({ ...write, listing })
      }
      if (answer === null || 'unlisted' in answer) return null
      await index.remove(key, answer.left)
      return answer.version
    },
    async delete(key, { version } = {}) {
      const listing = await record(key).remove(version)
      if (listing) await index.remove(key, listing)
    },
    async list(tag) {
      const keys = await index.keys(tag)
      const tagged = await Promise.all(keys.map((key) => record(key).hasTag(tag)))
      return keys.filter((_, i) => tagged[i])
    },
  }
}

function indexOf(object: (tag: string) => SessionObjectStub) {
  return {
    /** Lasts for two lives of the record, so that most updates need not come back here. */
    async enter(key: string, tags: readonly string[], end: number): Promise<Listing> {
      const expiresAt = end + Math.max(SKEW, end - Date.now())
      const listing = { stamp: crypto.randomUUID(), expiresAt, tags: [...new Set(tags)] }
      await Promise.all(listing.tags.map((tag) => object(tag).enlist(key, listing)))
      return listing
    },
    async remove(key: string, { tags, stamp }: Listing): Promise<void> {
      await Promise.all(tags.map((tag) => object(tag).delist(key, stamp)))
    },
    keys: (tag: string) => object(tag).keys(),
  }
}
