import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import config from '../../vitest.config.ts'
import { FILES, ROOT, read } from './state.ts'

const projects = config.test?.projects ?? []
const runtime = projects.find(
  (one) => typeof one === 'object' && 'test' in one && one.test?.name === 'runtime',
)
const instrumented = process.env.MUTATION_SOURCES ?? FILES.sources
const sources: Record<string, string> = existsSync(instrumented) ? read(instrumented) : {}

/**
 * The portable tests of the folders that are mutated and of what stands on them, in one thread that loads the sources once,
 * with all mutants in them.
 */
export default defineConfig({
  resolve: (runtime as { resolve: object }).resolve,
  plugins: [{ name: 'mutants', enforce: 'pre', load: (id: string) => sources[id.split('?')[0] ?? ''] }],
  test: {
    name: 'mutation',
    include: [
      'test/{cookie,crypto,session,manager,hono,security,monitor,oidc,totp}/**/*.test.ts',
      'test/*vectors.test.ts',
      'test/encoding.test.ts',
    ],
    exclude: ['**/*.node.test.ts', '**/*.workerd.test.ts'],
    root: ROOT,
    runner: './scripts/mutation/runner.ts',
    pool: 'threads',
    maxWorkers: 1,
    isolate: false,
    testTimeout: 10_000,
    // Of a mutant, whose test is judged by itself.
    dangerouslyIgnoreUnhandledErrors: process.env.MUTATION_RUNNER === 'mutants',
    // Its keys do not know what the plugin loads.
    fsModuleCache: false,
  },
})
