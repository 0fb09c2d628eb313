/**
 * `npm run mutate`: every mutant that Stryker's instrumenter makes of src/{crypto,cookie,session,manager}, against the
 * portable tests. `-- crypto cookie` takes these alone; `--keep` asks the tests, as they are now, about those that the last
 * run left alive, and about files that have changed since. Each test is run again for every mutant that it comes by and that
 * is alive (scripts/mutation/runner.ts); what only loading runs gets a process of its own. docs/mutation.md has the scores.
 */
import { rmSync } from 'node:fs'
import { instrument } from './mutation/instrument.ts'
import { keptVerdicts } from './mutation/kept-verdicts.ts'
import {
  add,
  deadOnes,
  FILES,
  lines,
  type Mutant,
  type Reach,
  ROOT,
  read,
  type Verdict,
} from './mutation/state.ts'
import { vitest } from './mutation/vitest.ts'

const FOLDERS = ['crypto', 'cookie', 'session', 'manager']

/** Percent of the mutants of each folder. */
const GOAL = 90

/** Processes at the same time. */
const WORKERS = Number(process.env.MUTATION_WORKERS ?? 2)

/** Where keys are kept for the whole process, which may save a mutant: its survivors get a process of their own too. */
const KEEPS_KEYS = 'src/crypto/'

/**
 * Milliseconds of tests that a mutant meets, quick ones first: most die of the first. Who survives them all is alive: the
 * slow tests, every order of store calls above all, would take hours more.
 */
const STAGES = [0, 40, 300, 3000]

const words = process.argv.slice(2)
const named = FOLDERS.filter((name) => words.includes(name))
const folders = named.length === 0 ? FOLDERS : named
const mutants = await begin(words.includes('--keep'))
const reached = new Set(lines<Reach>(FILES.reach).flatMap(({ hits }) => Object.keys(hits)))
const loaded = new Set(lines<string[]>(FILES.static).flat())
console.log(`${mutants.length} mutants, ${reached.size} reached by tests, ${loaded.size} by loading`)

for (const [at, end] of STAGES.slice(1).entries()) {
  await shards(`${STAGES[at]}-${end}`)
  report(`${end} ms of tests for each`)
}
await alone()
report('processes of their own')
print()
process.exitCode = folders.every((folder) => scoreOf(folder).percent >= GOAL) ? 0 : 1

async function begin(keep: boolean): Promise<Mutant[]> {
  const before = keep ? read<Mutant[]>(FILES.mutants) : []
  const verdicts = keep ? lines<Verdict>(FILES.verdicts) : []
  rmSync(`${ROOT}reports/mutation`, { recursive: true, force: true })
  const list = await instrument(folders)
  for (const verdict of keptVerdicts(before, list, verdicts)) add(FILES.verdicts, verdict)
  const status = await vitest([], { MUTATION_RUNNER: 'reach' }, FILES.reach)
  if (status !== 0) throw new Error('Tests fail without any mutant.')
  return list
}

async function shards(span: string): Promise<void> {
  await Promise.all(Array.from({ length: WORKERS }, (_, at) => shard(`${at}/${WORKERS}`, span)))
}

/** All tests for the mutants of a shard; one that stood still is a timeout, and the others go on. */
async function shard(name: string, span: string): Promise<void> {
  const env = { MUTATION_RUNNER: 'mutants', MUTATION_SHARD: name, MUTATION_SPAN: span }
  rmSync(FILES.tested(name), { force: true })
  let status = await vitest([], env, FILES.current(name))
  while (status === null) {
    const { id, test } = read<{ id: string; test: string }>(FILES.current(name))
    add(FILES.verdicts, { id, status: 'timeout', by: test } satisfies Verdict)
    status = await vitest([], env, FILES.current(name))
  }
  if (status !== 0) throw new Error(`The run of shard ${name} failed.`)
}

/** What only loading runs, and what may have been saved by what a process remembers: a process for each. */
async function alone(): Promise<void> {
  const dead = deadOnes()
  const queue = mutants.filter(({ id, file }) => {
    const isMeant = file.startsWith(KEEPS_KEYS) ? loaded.has(id) || reached.has(id) : isOnlyLoaded(id)
    return isMeant && !dead.has(id)
  })
  const unharmed = await aloneWith('none', folders)
  if (unharmed !== 0) throw new Error('Tests fail without any mutant.')
  const next = async (): Promise<void> => {
    const mutant = queue.shift()
    if (mutant === undefined) return
    const status = await aloneWith(mutant.id, [mutant.file.split('/')[1] ?? ''])
    if (status !== 0) {
      const verdict = status === null ? 'timeout' : 'killed'
      add(FILES.verdicts, { id: mutant.id, status: verdict, by: 'a process of its own' } satisfies Verdict)
    }
    return next()
  }
  await Promise.all(Array.from({ length: WORKERS }, next))
}

/** The tests of some folders, with a mutant that is there from the beginning. */
function aloneWith(id: string, of: readonly string[]): Promise<number | null> {
  const env = { MUTATION_RUNNER: 'static', MUTATION_STATIC: id }
  const tests = of.map((folder) => `test/${folder}/`)
  return vitest([...tests, 'test/vectors'], env, FILES.current(`alone-${id}`))
}

function isOnlyLoaded(id: string): boolean {
  return loaded.has(id) && !reached.has(id)
}

function report(when: string): void {
  const rows = folders.map((folder) => {
    const { killed, count, percent } = scoreOf(folder)
    return `  src/${folder}: ${killed} of ${count}, ${percent.toFixed(1)} %`
  })
  console.log(`after ${when}:\n${rows.join('\n')}`)
}

function scoreOf(folder: string): { killed: number; count: number; percent: number } {
  const dead = deadOnes()
  const mine = mutants.filter(({ file }) => file.startsWith(`src/${folder}/`))
  const killed = mine.filter(({ id }) => dead.has(id)).length
  return { killed, count: mine.length, percent: (killed / mine.length) * 100 }
}

function print(): void {
  const dead = deadOnes()
  for (const mutant of mutants.filter(({ id }) => !dead.has(id))) console.log(told(mutant))
}

function told({ id, file, line, kind, original, replacement }: Mutant): string {
  const how = isOnlyLoaded(id) ? ' (loading)' : reached.has(id) ? '' : ' (no test)'
  return `${file}:${line}: ${kind}${how}: ${short(original)} -> ${short(replacement)}`
}

function short(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 90)
}
