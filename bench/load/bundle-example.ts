import { existsSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A program of `examples/` as one script, over the sources. @param sessions Without, its sessions are left out. */
export async function bundleExample(
  name: string,
  form: 'node' | 'worker',
  sessions: boolean,
): Promise<string> {
  const node = form === 'node'
  const { outputFiles } = await build({
    entryPoints: [`${root}examples/${name}`],
    bundle: true,
    format: 'esm',
    platform: node ? 'node' : 'browser',
    target: 'esnext',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    banner: {
      js: node
        ? `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`
        : '',
    },
    external: ['cloudflare:*', 'node:*', ...builtinModules],
    plugins: [ownName(sessions)],
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

/** Where the package's name leads. */
function ownName(sessions: boolean): Plugin {
  return {
    name: 'wafer-session',
    setup({ onResolve }) {
      onResolve({ filter: /^wafer-session/ }, ({ path }) => {
        const file = path.replace(/^wafer-session\/?/, '') || 'index'
        if (file === 'hono' && !sessions) return { path: `${root}bench/load/no-session.ts` }
        const module = `${root}src/${file}`
        return { path: existsSync(`${module}.ts`) ? `${module}.ts` : `${module}/index.ts` }
      })
    },
  }
}
