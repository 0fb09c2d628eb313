import { type StdioOptions, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

interface GroupOptions {
  readonly stdio: StdioOptions
  readonly cwd?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
}

/** A command, with all that it starts. */
export interface ProcessGroup {
  /** Its exit code; null when it was ended. Rejects when it could not be started. */
  readonly status: Promise<number | null>
  /** What it prints, where it is piped. */
  readonly outputs: readonly Readable[]
  end(): void
}

// Whatever ends this process ends them: a handler alone would let it go on with its next step.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** Starts a command in a group of its own, so that what it starts ends with it, and all of it with this process. */
export function startGroup(command: string, args: readonly string[], options: GroupOptions): ProcessGroup {
  const child = spawn(command, args, { ...options, detached: true })
  const end = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  process.once('exit', end)
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve)
    child.once('error', reject)
  })
  const outputs = [child.stdout, child.stderr].filter((stream) => stream !== null)
  return { status: exited.finally(() => process.off('exit', end)), outputs, end }
}
