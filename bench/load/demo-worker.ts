import { createRequire } from 'node:module'
import { bundleExample } from './bundle-example.ts'
import { SECRET, type Server } from './server.ts'

/** The demo in workerd, with a socket of its own. @param mode Of examples/demo/sessions.ts; left out, no session. */
export async function startDemoWorker(mode?: string): Promise<Server> {
  // Miniflare brings an older workerd than the one that everything else here runs on.
  process.env.MINIFLARE_WORKERD_PATH ??= createRequire(import.meta.url)('workerd').default
  const { Miniflare } = await import('miniflare')
  const miniflare = new Miniflare({
    name: 'demo',
    cf: false,
    modules: true,
    compatibilityDate: '2026-11-01',
    script: await bundleExample('demo/index.tsx', 'worker', mode !== undefined),
    bindings: { SESSION_SECRET: SECRET, ...(mode && { SESSIONS: mode }) },
    kvNamespaces: ['KV'],
    durableObjects: { SESSION_OBJECTS: { className: 'SessionObject', useSQLite: true } },
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  })
  await miniflare.ready
  return {
    url: (await miniflare.unsafeGetDirectURL('demo')).href,
    stop: () => miniflare.dispose(),
  }
}
