import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type Edit, GUARDS } from './guards.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const made = new Map<string | undefined, Promise<string>>()

/**
 * The simulation and the sources as one module for Node, made once.
 *
 * @param guard What is taken out of the sources; nothing when it is undefined.
 */
export function bundle(guard?: string): Promise<string> {
  const module = made.get(guard) ?? makeBundle(guard)
  made.set(guard, module)
  return module
}

async function makeBundle(guard: string | undefined): Promise<string> {
  const edits = guard === undefined ? [] : GUARDS[guard]?.edits
  if (edits === undefined) {
    throw new RangeError(`There is no guard ${guard}: it is one of ${Object.keys(GUARDS).join(', ')}.`)
  }
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/simulation/worker.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    tsconfig: 'test/tsconfig.json',
    logLevel: 'silent',
    plugins: [
      {
        name: 'without',
        setup({ onLoad }) {
          onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
            const mine = edits.filter(({ file }) => path === `${ROOT}${file}`)
            if (mine.length === 0) return undefined
            return { contents: mine.reduce(edited, await readFile(path, 'utf8')), loader: 'ts' }
          })
        },
      },
    ],
  })
  return result.outputFiles[0]?.text ?? ''
}

/** @throws {Error} When the snippet is not there exactly once. */
export function edited(source: string, { file, find, replace }: Edit): string {
  const [before, after, ...more] = source.split(find)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} must have this exactly once: ${find}`)
  }
  return before + replace + after
}
