import { type StdioOptions, spawn } from 'node:child_process'

interface GroupOptions {
  readonly stdio: StdioOptions
  readonly cwd?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
}

/** A command, with all that it starts. */
export interface ProcessGroup {
  /** Its exit code; null when it was ended. Rejects when it could not be started. */
  readonly status: Promise<number | null>
  end(): void
}

/** Starts a command in a group of its own, so that what it starts ends with it; Ctrl-C ends it too. */
export function startGroup(command: string, args: readonly string[], options: GroupOptions): ProcessGroup {
  const child = spawn(command, args, { ...options, detached: true })
  const end = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  process.once('SIGINT', end)
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve)
    child.once('error', reject)
  })
  return { status: exited.finally(() => process.off('SIGINT', end)), end }
}
