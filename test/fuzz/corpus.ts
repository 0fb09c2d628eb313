import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Found } from './campaign.ts'
import kept from './corpus/found.json' with { type: 'json' }

/** An input that something was wrong with once. */
export interface FoundCase {
  readonly target: string
  readonly why: string
  readonly input: string
}

export interface Corpus {
  readonly found: readonly FoundCase[]
  /** What reached code that the seeds do not. */
  readonly reached: readonly string[]
}

const FOLDER = new URL('./corpus/', import.meta.url)
const MAX_REACHED = 200

export function readCorpus(target: string): Corpus {
  const found = (kept as readonly FoundCase[]).filter((one) => one.target === target)
  const path = pathOf(target)
  return { found, reached: existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [] }
}

export function saveReached(target: string, reached: readonly string[]): void {
  const all = [...new Set([...readCorpus(target).reached, ...reached])].slice(0, MAX_REACHED)
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(pathOf(target), lines(all))
}

/** Only the first line of why: the rest has paths of the machine. */
export function saveFound(found: readonly Found[]): void {
  const cases = found.map(({ target, why, input }) => ({ target, why: why.split('\n', 1)[0], input }))
  writeFileSync(new URL('found.json', FOLDER), lines([...kept, ...cases]))
}

function pathOf(target: string): URL {
  return new URL(`${target.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}.json`, FOLDER)
}

function lines(list: readonly unknown[]): string {
  return `[\n${list.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`
}
