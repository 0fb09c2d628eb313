import { statSync } from 'node:fs'
import { startGroup } from '../process-group.ts'
import { ROOT } from './state.ts'

/** Milliseconds without a sign of life. */
const PATIENCE = 60_000

/**
 * Runs Vitest over the instrumented sources.
 *
 * @param tests Paths; all when there are none.
 * @param pulse A file that grows or changes as long as all is well; a run that stands still is ended.
 * @returns Its exit code; null for one that stood still.
 */
export async function vitest(
  tests: readonly string[],
  env: Readonly<Record<string, string>>,
  pulse?: string,
): Promise<number | null> {
  const args = ['vitest', 'run', '--config', 'scripts/mutation/vitest.config.ts', '--silent=true', ...tests]
  if (env.MUTATION_RUNNER === 'static') args.push('--bail', '1')
  // Without a mutant nothing should fail: whoever has to mend it wants to know what did.
  const isPlain = env.MUTATION_RUNNER === 'reach' || env.MUTATION_STATIC === 'none'
  const output = isPlain ? 'pipe' : 'ignore'
  const { status, outputs, end } = startGroup('npx', args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
  })
  const said: string[] = []
  for (const stream of outputs) stream.on('data', (text) => said.push(String(text)))
  const began = Date.now()
  const watch = setInterval(() => {
    const last = pulse === undefined ? began : Math.max(began, modified(pulse))
    if (Date.now() - last > PATIENCE) end()
  }, 5000)
  const code = await status.finally(() => clearInterval(watch))
  if (isPlain && code !== 0) console.log(said.join(''))
  return code
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
