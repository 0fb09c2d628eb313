import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const FORMS = {
  process: {
    platform: 'node',
    conditions: [],
    // Express is CommonJS.
    banner: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
    start: `import { childOf } from './requests/child.ts'; childOf(createApp)`,
  },
  worker: {
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    banner: '',
    start: `import { workerOf } from './requests/worker.ts'; export default workerOf(createApp)`,
  },
} as const

/** One peer and what runs it as a single script: each peer alone with the runtime's inline caches, as in real life. */
export async function bundlePeer(peer: string, form: keyof typeof FORMS): Promise<string> {
  const { platform, conditions, banner, start } = FORMS[form]
  const { outputFiles } = await build({
    stdin: {
      contents: `import createApp from './peers/${peer}.ts'; ${start}`,
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    bundle: true,
    format: 'esm',
    platform,
    conditions: [...conditions],
    banner: { js: banner },
    target: 'esnext',
    external: ['node:*', 'cloudflare:*', ...builtinModules],
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
