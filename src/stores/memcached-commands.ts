import { utf8 } from '../encoding.ts'

/** The part of a server, in a `memcache` client, that the store uses. */
export interface MemcachedNode {
  readonly hasSaslCredentials: boolean
  isConnected(): boolean
  reconnect(): Promise<void>
  command(
    command: string,
    options?: { readonly isMultiline?: boolean; readonly requestedKeys?: string[] },
  ): Promise<unknown>
}

/** The part of `Memcache`, of the npm package `memcache` 1.7 or later, that the store uses. */
export interface MemcachedClient {
  readonly hash: { getNodesByKey(key: string): readonly MemcachedNode[] }
}

/** An item as memcached has it. */
export interface MemcachedItem {
  /** The server counts all its writes: each has another number. */
  readonly cas: string
  readonly data: string
}

/** Meta commands of memcached 1.6, see its doc/protocol.txt. Each is one round trip, and rejects when it failed. */
export interface MemcachedCommands {
  get(name: string): Promise<MemcachedItem | null>
  /** @returns The cas, or null when the condition did not hold. */
  set(name: string, data: string, condition: string, lifetime: number): Promise<string | null>
  /** Only the item of this cas, when given. */
  delete(name: string, cas?: string): Promise<void>
}

const connecting = /* @__PURE__ */ new WeakMap<MemcachedNode, Promise<void>>()

/**
 * Speaks to the servers by the client's connections. The client's own methods are not used: they answer like a miss when
 * a server is down, and give no cas.
 */
export function memcachedCommands(client: MemcachedClient): MemcachedCommands {
  return {
    async get(name) {
      const node = await nodeOf(client, name)
      // The cas first: if a write comes between, it is too old for the data, and what is based on it loses. The other
      // way round it would win over data that nobody saw.
      const [cas, data] = await Promise.all([
        node.command(`mg ${name} c`).then(casOf),
        node
          .command(`get ${name}`, { isMultiline: true, requestedKeys: [name] })
          .then((reply) => dataOf(reply, name)),
      ])
      return cas === null || data === null ? null : { cas, data }
    },
    async set(name, data, condition, lifetime) {
      const node = await nodeOf(client, name)
      return casOf(
        await node.command(`ms ${name} ${utf8(data).length} c ${condition} T${lifetime}\r\n${data}`),
      )
    },
    async delete(name, cas) {
      const node = await nodeOf(client, name)
      const reply = await node.command(cas === undefined ? `md ${name}` : `md ${name} C${cas}`)
      if (!/^(?:HD|NF|EX)$/.test(String(reply))) throw unexpected()
    },
  }
}

/** The server of a key, connected. */
async function nodeOf(client: MemcachedClient, name: string): Promise<MemcachedNode> {
  const [node, ...replicas] = client.hash.getNodesByKey(name)
  if (node === undefined || replicas.length > 0 || node.hasSaslCredentials) {
    throw new TypeError('Memcached must keep each key on one server, without SASL: give another client.')
  }
  if (!node.isConnected()) await connect(node)
  return node
}

/**
 * By `reconnect`, as the client's `connect` goes on with what it had read of a connection that broke; and once for all
 * who wait, as a second attempt breaks off the first.
 */
function connect(node: MemcachedNode): Promise<void> {
  const attempt = connecting.get(node) ?? node.reconnect().finally(() => connecting.delete(node))
  connecting.set(node, attempt)
  return attempt
}

/** Null when the reply says that there is nothing, or that the condition did not hold. */
function casOf(reply: unknown): string | null {
  if (/^(?:EN|NS|EX|NF)\b/.test(String(reply))) return null
  const [, cas] = /^HD c([1-9]\d*)$/.exec(String(reply)) ?? []
  if (cas === undefined) throw unexpected()
  return cas
}

function dataOf(reply: unknown, name: string): string | null {
  const { foundKeys = [], values = [] } = (reply ?? {}) as { foundKeys?: string[]; values?: string[] }
  if (foundKeys.length === 0 && values.length === 0) return null
  const [data] = values
  if (data === undefined || values.length > 1 || foundKeys.join() !== name) throw unexpected()
  return data
}

/** Says nothing of the reply, which may be anyone's record. */
function unexpected(): Error {
  return new Error('Memcached did not answer as it should: it must be 1.6 or later, without --disable-cas.')
}
