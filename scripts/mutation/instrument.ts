import { globSync, readFileSync } from 'node:fs'
import { Instrumenter } from '@stryker-mutator/instrumenter'
import { FILES, type Mutant, ROOT, write } from './state.ts'

const SILENT = {
  isDebugEnabled: () => false,
  debug: () => {},
  info: () => {},
  warn: () => {},
}

const OPTIONS = { plugins: null, excludedMutations: [], ignorers: [], noHeader: false }

/** Writes the sources of some folders of src/ with every mutant in them, each behind a switch, and a list of those. */
export async function instrument(folders: readonly string[]): Promise<Mutant[]> {
  const names = folders.flatMap((folder) => globSync(`src/${folder}/**/*.ts`, { cwd: ROOT })).sort()
  const sources = names.map((file) => ({
    name: ROOT + file,
    mutate: true,
    content: readFileSync(ROOT + file, 'utf8'),
  }))
  // biome-ignore lint/suspicious/noExplicitAny: its constructor is typed for Stryker's own injector
  const instrumenter = new (Instrumenter as any)(SILENT)
  const { files, mutants } = await instrumenter.instrument(sources, OPTIONS)
  const list = mutants.map((one: Raw): Mutant => {
    const file = one.fileName.slice(ROOT.length)
    const source = sources.find(({ name }) => name === one.fileName)?.content ?? ''
    const original = snippet(source, one.location)
    return {
      id: one.id,
      file,
      line: one.location.start.line + 1,
      kind: one.mutatorName,
      original,
      replacement: one.replacement,
    }
  })
  write(FILES.sources, Object.fromEntries(files.map((file: Source) => [file.name, file.content])))
  write(FILES.mutants, list)
  return list
}

interface Source {
  readonly name: string
  readonly content: string
}

interface Place {
  readonly line: number
  readonly column: number
}

interface Raw {
  readonly id: string
  readonly fileName: string
  readonly mutatorName: string
  readonly replacement: string
  readonly location: { readonly start: Place; readonly end: Place }
}

/** What stands from one place to another; lines and columns count from 0. */
function snippet(source: string, { start, end }: Raw['location']): string {
  const lines = source.split('\n').slice(start.line, end.line + 1)
  const last = lines.length - 1
  lines[last] = (lines[last] ?? '').slice(0, end.column)
  lines[0] = (lines[0] ?? '').slice(start.column)
  return lines.join('\n')
}
