import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll } from 'vitest'
import type { SessionStore } from 'wafer-session'
import { describeStore, fakeClock } from 'wafer-session/testing'
import { ensureDist, root } from '../support/dist.ts'
import type { StoreCall } from '../support/store-worker.ts'

// Two Workers, each an isolate of its own, share one KV and the objects of the first.

/** The oldest that has RPC. */
const compatibilityDate = '2024-04-03'

let workers: Miniflare

beforeAll(async () => {
  ensureDist()
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['test/support/store-worker.ts'],
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    write: false,
  })
  const worker = (name: string, owner: object = {}) => ({
    name,
    modules: true,
    compatibilityDate,
    script: outputFiles[0]?.text ?? '',
    // A port of its own: by Miniflare's own, a question costs twice as much.
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    kvNamespaces: { KV: 'sessions' },
    durableObjects: { SESSIONS: { className: 'SessionObject', useSQLite: true, ...owner } },
  })
  workers = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    workers: [worker('one'), worker('two', { scriptName: 'one' })],
  })
  await workers.ready
}, 120_000)

afterAll(() => workers?.dispose())

/** The store of a Worker, from outside. */
async function remote(name: string, store: StoreCall['store'], clock: () => number): Promise<SessionStore> {
  const url = await workers.unsafeGetDirectURL(name)
  async function call<Answer>(member: keyof SessionStore, ...args: readonly unknown[]): Promise<Answer> {
    const body = JSON.stringify({ store, member, args, now: clock() } satisfies StoreCall)
    const response = await fetch(url, { method: 'POST', body })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as Answer
  }
  return {
    capabilities: await call('capabilities'),
    get: (...args) => call('get', ...args),
    create: (...args) => call('create', ...args),
    update: (...args) => call('update', ...args),
    delete: (...args) => call('delete', ...args),
    list: (...args) => call('list', ...args),
  }
}

describeStore('durableObjectStore in two Workers', async () => ({
  store: await remote('one', 'objects', Date.now),
  peer: await remote('two', 'objects', Date.now),
}))

describeStore('kvStore in two Workers', async () => {
  const clock = fakeClock()
  const [store, peer] = [await remote('one', 'kv', clock), await remote('two', 'kv', clock)]
  return { store, peer, advance: clock.advance, now: clock }
})
