import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Builds `dist/` when it is missing or older than the sources. Other test files may be using it, or building it, at
 * the same time: so it is built elsewhere, and every file moves to its place whole.
 */
export function ensureDist(): void {
  if (existsSync(join(root, 'dist/index.js')) && newest('src') <= oldest('dist')) return
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const built = mkdtempSync(join(cache, 'dist-'))
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--outDir', built], {
      cwd: root,
      stdio: 'inherit',
    })
    for (const file of files(built)) {
      const target = join(root, 'dist', file)
      mkdirSync(join(target, '..'), { recursive: true })
      renameSync(join(built, file), target)
    }
  } finally {
    rmSync(built, { recursive: true, force: true })
  }
}

/** Every file below a directory, by its path from there. */
export function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
}

function newest(directory: string): number {
  return Math.max(...times(directory))
}

function oldest(directory: string): number {
  return Math.min(...times(directory))
}

function times(directory: string): number[] {
  const path = join(root, directory)
  return files(path).map((file) => statSync(join(path, file)).mtimeMs)
}
