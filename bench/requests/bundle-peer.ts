import { builtinModules } from 'node:module'
import { build } from 'esbuild'

const FORMS = {
  process: {
    platform: 'node',
    start: (name: string) => `import { childOf } from './requests/child.ts'; childOf(${name})`,
  },
  worker: {
    platform: 'browser',
    start: (name: string) =>
      `import { workerOf } from './requests/worker.ts'; export default workerOf(${name})`,
  },
} as const

/** One peer and what runs it as a single script: each peer alone with the runtime's inline caches, as in real life. */
export async function bundlePeer(peer: string, form: keyof typeof FORMS): Promise<string> {
  const { platform, start } = FORMS[form]
  const { outputFiles } = await build({
    stdin: {
      contents: `import createApp from './peers/${peer}.ts'; ${start('createApp')}`,
      resolveDir: new URL('..', import.meta.url).pathname,
    },
    bundle: true,
    format: 'esm',
    platform,
    target: 'esnext',
    conditions: form === 'worker' ? ['workerd', 'worker', 'browser'] : [],
    external: ['node:*', 'cloudflare:*', ...builtinModules],
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
