import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** One change of the sources, as Stryker's instrumenter made it. */
export interface Mutant {
  readonly id: string
  readonly file: string
  readonly line: number
  readonly kind: string
  /** What stood there. */
  readonly original: string
  readonly replacement: string
}

/** What a run of the tests without any mutant says of one of them. */
export interface Reach {
  /** Vitest's id of the test. */
  readonly test: string
  /** Milliseconds. */
  readonly duration: number
  /** How often it came by each mutant. */
  readonly hits: Readonly<Record<string, number>>
}

/** What became of a mutant, and by which test. */
export interface Verdict {
  readonly id: string
  readonly status: 'killed' | 'timeout' | 'unsettled'
  readonly by: string
}

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url))
const PLACE = `${ROOT}reports/mutation/`

/** Files of the run: the sources with all mutants in them, who reaches what, verdicts, the test at work. */
export const FILES = {
  sources: `${PLACE}sources.json`,
  mutants: `${PLACE}mutants.json`,
  reach: `${PLACE}reach.jsonl`,
  static: `${PLACE}static.jsonl`,
  guard: `${PLACE}guard.json`,
  guardReport: `${PLACE}guard-report.json`,
  verdicts: `${PLACE}verdicts.jsonl`,
  tested: (shard: string): string => `${PLACE}tested-${shard.replace('/', '-')}.jsonl`,
  current: (shard: string): string => `${PLACE}current-${shard.replace('/', '-')}.json`,
} as const

export function write(path: string, value: unknown): void {
  mkdirSync(PLACE, { recursive: true })
  writeFileSync(path, JSON.stringify(value))
}

export function add(path: string, value: unknown): void {
  appendFileSync(path, `${JSON.stringify(value)}\n`)
}

export function read<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** The lines of a file; none when it is not there. */
export function lines<T>(path: string): T[] {
  if (!existsSync(path)) return []
  const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return whole.map((line) => JSON.parse(line))
}

/** The mutants that something has killed so far. */
export function deadOnes(): Set<string> {
  const settled = lines<Verdict>(FILES.verdicts).filter(({ status }) => status !== 'unsettled')
  return new Set(settled.map(({ id }) => id))
}
