import { fileURLToPath } from 'node:url'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url))

// Tests import the package by its name, as its users do, and get the sources.
const alias = [
  { find: /^wafer-session$/, replacement: source('index.ts') },
  { find: /^wafer-session\/hono$/, replacement: source('hono.ts') },
  { find: /^wafer-session\/totp\/qr-code$/, replacement: source('totp/qr-code.ts') },
  { find: /^wafer-session\/(testing|oidc|jwt|totp|monitor)$/, replacement: source('$1/index.ts') },
  { find: /^wafer-session\/stores\/(.+)$/, replacement: source('stores/$1.ts') },
]

const portable = {
  include: ['test/**/*.test.ts'],
  exclude: ['test/**/*.node.test.ts', 'test/**/*.workerd.test.ts'],
}

/** What *.workerd.test.ts find in `env` of cloudflare:workers; the object's class is exported by test/support/worker.ts. */
const bindings = {
  compatibilityDate: '2026-11-01',
  kvNamespaces: ['KV'],
  durableObjects: { SESSIONS: { className: 'SessionObject', useSQLite: true } },
}

export default defineConfig({
  test: {
    projects: [
      // The same files on Node, Deno and Bun: whichever runs Vitest.
      { resolve: { alias }, test: { name: 'runtime', testTimeout: 30_000, ...portable } },
      {
        resolve: { alias },
        plugins: [cloudflareTest({ main: 'test/support/worker.ts', miniflare: bindings })],
        test: {
          name: 'workerd',
          testTimeout: 30_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.node.test.ts'],
        },
      },
      // What needs a file system, another process or a browser.
      {
        resolve: { alias },
        test: { name: 'node', include: ['test/**/*.node.test.ts'], testTimeout: 120_000 },
      },
    ],
  },
})
