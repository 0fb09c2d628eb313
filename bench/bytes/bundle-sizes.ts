import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Table } from '../table.ts'

interface Entry {
  readonly title: string
  readonly code: string
  readonly reach?: number
}

const src = (path: string, names = '*') => `export ${names} from '../../src/${path}.ts'`

const ENTRIES: readonly Entry[] = [
  {
    title: 'wafer-session: createSessionManager',
    code: src('index', '{ createSessionManager }'),
    reach: 12_000,
  },
  { title: 'wafer-session/hono', code: src('hono'), reach: 12_000 },
  ...['memory', 'cloudflare-kv', 'durable-object', 'upstash', 'redis', 'memcached', 'unstorage'].map(
    (name) => ({
      title: `wafer-session/stores/${name}`,
      code: src(`stores/${name}`),
    }),
  ),
  { title: '@hono/session', code: `export { useSession } from '@hono/session'` },
  { title: 'iron-session', code: `export { getIronSession, webCookies } from 'iron-session'` },
  { title: 'hono-sessions', code: `export { CookieStore, sessionMiddleware } from 'hono-sessions'` },
  { title: 'jose JWE by hand', code: `export { EncryptJWT, jwtDecrypt } from 'jose'` },
  {
    title: 'better-auth cookie cache',
    code: `export { getCookieCache } from 'better-auth/cookies'; export { symmetricEncodeJWT } from 'better-auth/crypto'`,
  },
  { title: 'h3 useSession', code: `export { useSession } from 'h3'` },
  {
    title: '@remix-run/session',
    code: `export { createCookie } from '@remix-run/cookie'; export * from '@remix-run/session/cookie-storage'`,
  },
  {
    title: 'express-session + connect-redis',
    code: `export { default } from 'express-session'; export { RedisStore } from 'connect-redis'`,
  },
]

/** Everything that an application ships for its sessions; Hono, Express and the clients of stores are there anyway. */
export async function bundleSizes(): Promise<Table> {
  const rows = await Promise.all(
    ENTRIES.map(async ({ title, code, reach }) => [title, await bundled(code), reach ?? '']),
  )
  return { title: 'Bundle, bytes minified and gzipped', columns: ['', 'bytes', 'at most'], rows }
}

async function bundled(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
    external: ['hono', 'hono/*', 'redis', 'cloudflare:*', ...builtinModules, 'node:*'],
    logLevel: 'error',
  })
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length
}
