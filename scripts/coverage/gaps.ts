import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

/** Istanbul's format, as Vitest writes it: as much of it as is read here. */
interface FileCoverage {
  readonly path: string
  readonly statementMap: Readonly<Record<string, Range>>
  readonly s: Readonly<Record<string, number>>
  readonly branchMap: Readonly<
    Record<string, { readonly loc: Range; readonly locations: readonly Partial<Range>[] }>
  >
  readonly b: Readonly<Record<string, readonly number[]>>
}

interface Range {
  readonly start: { readonly line?: number }
}

/** A line, or a branch that begins on it, which no test ran. */
export interface Gap {
  readonly file: string
  readonly kind: 'line' | 'branch'
  readonly line: number
  /** The line itself, without the blanks around it. */
  readonly code: string
}

export interface Measured {
  readonly lines: Count
  readonly branches: Count
  readonly gaps: readonly Gap[]
}

export interface Count {
  readonly covered: number
  readonly total: number
}

/**
 * @param report The path of coverage-final.json.
 * @param root What the names of files are relative to.
 * @param isMeant Of which files, by that name.
 */
export function readCoverage(report: string, root: string, isMeant: (file: string) => boolean): Measured {
  const all = Object.values(JSON.parse(readFileSync(report, 'utf8')) as Record<string, FileCoverage>)
  const nameOf = (path: string) => relative(root, path).replaceAll('\\', '/')
  const files = all.filter(({ path }) => isMeant(nameOf(path)))
  const lines = files.flatMap((file) => linesOf(file).map((one) => ({ file, kind: 'line' as const, ...one })))
  const branches = files.flatMap((file) =>
    branchesOf(file).map((one) => ({ file, kind: 'branch' as const, ...one })),
  )
  const gaps = [...lines, ...branches]
    .filter(({ hits }) => hits === 0)
    .map(({ file: { path }, kind, line }) => ({
      file: nameOf(path),
      kind,
      line,
      code: (readFileSync(path, 'utf8').split('\n')[line - 1] ?? '').trim(),
    }))
  return { lines: count(lines), branches: count(branches), gaps }
}

function count(all: readonly { readonly hits: number }[]): Count {
  return { covered: all.filter(({ hits }) => hits > 0).length, total: all.length }
}

/** A line is as often run as the statement on it that ran most often. */
function linesOf({ statementMap, s }: FileCoverage): { line: number; hits: number }[] {
  const hits = new Map<number, number>()
  for (const [id, { start }] of Object.entries(statementMap)) {
    const line = start.line ?? 0
    hits.set(line, Math.max(hits.get(line) ?? 0, s[id] ?? 0))
  }
  return [...hits].map(([line, hits]) => ({ line, hits }))
}

function branchesOf({ branchMap, b }: FileCoverage): { line: number; hits: number }[] {
  return Object.entries(branchMap).flatMap(([id, { loc, locations }]) =>
    (b[id] ?? []).map((hits, i) => ({ line: locations[i]?.start?.line ?? loc.start.line ?? 0, hits })),
  )
}
