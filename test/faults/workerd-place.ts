import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { Miniflare, type MiniflareOptions } from 'miniflare'
import { generateSecret } from 'wafer-session'
import { ensureDist, root } from '../support/dist.ts'
import type { Env, Mode } from './session-worker.ts'
import type { Send } from './user.ts'

/** A Worker whose KV and Durable Objects are on disk. */
export interface WorkerdPlace {
  /** Carries requests to the sessions that are kept there. */
  send(mode: Mode): Send
  /** Kills workerd, whatever it is doing, and starts another one with the same disk. */
  restart(during?: () => Promise<unknown>): Promise<void>
  stop(): Promise<void>
}

export async function workerdPlace(): Promise<WorkerdPlace> {
  const disk = mkdtempSync(join(tmpdir(), 'wafer-workerd-'))
  const options = await optionsOf(disk)
  let workerd: Miniflare | undefined
  let url: URL

  async function start(): Promise<void> {
    workerd = new Miniflare(options)
    url = await workerd.ready
  }

  async function kill(): Promise<void> {
    const killed = workerd
    workerd = undefined
    await killed?.dispose()
  }

  await start()
  return {
    send: (mode) => async (request) => {
      if (workerd === undefined) throw new Error('Nobody listens.')
      const { method, headers } = request
      const response = await fetch(new URL(mode, url), { method, headers, body: await request.text() })
      // Read here: the rest of an answer may not come either.
      return new Response(await response.text(), response)
    },
    async restart(during = async () => {}) {
      await kill()
      await during()
      await start()
    },
    async stop() {
      await kill()
      rmSync(disk, { recursive: true, force: true })
    },
  }
}

async function optionsOf(disk: string): Promise<MiniflareOptions> {
  ensureDist()
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['test/faults/session-worker.ts'],
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    write: false,
  })
  return {
    host: '127.0.0.1',
    port: 0,
    modules: true,
    compatibilityDate: '2026-04-01',
    script: outputFiles[0]?.text ?? '',
    bindings: { SECRET: generateSecret() } satisfies Partial<Env>,
    kvNamespaces: { KV: 'sessions' },
    kvPersist: join(disk, 'kv'),
    durableObjects: { SESSIONS: { className: 'SessionObject', useSQLite: true } },
    durableObjectsPersist: join(disk, 'objects'),
  }
}
