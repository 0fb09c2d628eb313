import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface Program {
  /** The Debian package that has it. */
  readonly package: string
  /** Its names on the PATH, the first that is there counts. */
  readonly command: string | readonly string[]
  /** The environment variable that may name another one. */
  readonly variable: string
}

/**
 * The path of a program that tests need; its Debian package is installed when it is missing.
 *
 * @throws {Error} When it is missing and cannot be installed: no test is skipped for it.
 */
export function binary(program: Program): string {
  const path = find(program) ?? install(program)
  if (path !== undefined) return path
  throw new Error(
    `No ${[program.command].flat()[0]}: install the package ${program.package}, or set ${program.variable} to the path of yours.`,
  )
}

function find({ command, variable }: Program): string | undefined {
  const { [variable]: given, PATH = '' } = process.env
  if (given !== undefined) return given
  const places = PATH.split(delimiter).filter((folder) => folder !== '')
  return places.flatMap((folder) => [command].flat().map((name) => join(folder, name))).find(isExecutable)
}

function install(program: Program): string | undefined {
  for (const command of [['update'], ['install', '-y', program.package]]) {
    spawnSync('apt-get', command, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  return find(program)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
