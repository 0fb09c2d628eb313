import { createInterface } from 'node:readline'
import { startGroup } from './process-group.ts'

/**
 * A script of package.json; what it prints is passed on.
 *
 * @returns Its exit code; null for one that was stopped at the limit, with all that it had started.
 */
export async function runScript(
  name: string,
  options: readonly string[] = [],
  minutes = 5,
): Promise<number | null> {
  const started = performance.now()
  const { status, outputs, end } = startGroup('npm', ['run', '--silent', name, '--', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Every line says who wrote it: two of them write at the same time.
  const print = (line: string) => console.log(`${name.padEnd(13)} | ${line}`)
  for (const input of outputs) createInterface({ input }).on('line', print)
  const limit = setTimeout(end, minutes * 60_000)
  const code = await status.catch(() => null)
  clearTimeout(limit)
  const how = code === null ? ', stopped: too long' : ''
  print(`== ${((performance.now() - started) / 1000).toFixed(1)} s${how}`)
  return code
}
