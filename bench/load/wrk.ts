import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { binary } from '../../test/support/debian.ts'

export interface Load {
  readonly perSecond: number
  /** Milliseconds that one request in a hundred takes longer than. */
  readonly p99: number
}

const WARM_UP = 2
const SECONDS = 5
const CONNECTIONS = 16

/**
 * Sixteen connections that ask without a pause.
 *
 * @param cookies Taken in turn, so that no two requests on their way are of one session.
 * @throws {Error} When an answer was not 2xx.
 */
export async function wrk(url: string, cookies: readonly string[]): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-wrk-'))
  const script = join(folder, 'cookies.lua')
  writeFileSync(script, scriptOf(cookies))
  try {
    await run(url, script, WARM_UP)
    return parse(await run(url, script, SECONDS))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function scriptOf(cookies: readonly string[]): string {
  return `local cookies = ${JSON.stringify(cookies).replace('[', '{').replace(']', '}')}
local at = 0
request = function()
  at = at % #cookies + 1
  return wrk.format('GET', nil, { Cookie = cookies[at] })
end
`
}

async function run(url: string, script: string, seconds: number): Promise<string> {
  const path = binary({ package: 'wrk', command: 'wrk', variable: 'WRK' })
  const options = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', '-s', script, url]
  return (await promisify(execFile)(path, options)).stdout
}

function parse(text: string): Load {
  const failed = /Non-2xx.*|Socket errors.*/.exec(text)
  if (failed) throw new Error(`${failed[0]}`)
  const perSecond = Number(/Requests\/sec:\s*([\d.]+)/.exec(text)?.[1])
  const [, amount, unit = ''] = /99%\s*([\d.]+)(us|ms|s)/.exec(text) ?? []
  return { perSecond, p99: Number(amount) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN) }
}
