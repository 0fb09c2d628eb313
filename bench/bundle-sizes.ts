import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Figures } from './figure.ts'

const ENTRIES = {
  'core: createSessionManager': `export { createSessionManager } from '../src/index.ts'`,
  'core and Hono adapter: session, three guards': `export * from 'wafer-session/hono'`,
  'everything that both export': `export * from '../src/index.ts'; export * from 'wafer-session/hono'`,
}

/** Everything an application that imports the entry ships, Hono itself aside. */
export async function bundleSizes(): Promise<Figures> {
  const rows = Object.entries(ENTRIES).map(async ([name, contents]) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
      external: ['hono', 'hono/*'],
    })
    const code = outputFiles[0]?.contents ?? new Uint8Array()
    return [name, { value: gzipSync(code, { level: 9 }).length, reach: '12000' }] as const
  })
  return Object.fromEntries(await Promise.all(rows))
}
