import { TestRunner } from 'vitest'
import { add, deadOnes, FILES, lines, type Mutant, type Reach, read, type Verdict, write } from './state.ts'

/** What Stryker's switches read and write (`__stryker__`). */
interface Switches {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> }
  hitCount?: number | undefined
  hitLimit?: number | undefined
}

type Test = Parameters<TestRunner['onAfterTryTask']>[0]
type Task = Parameters<TestRunner['onBeforeRunTask']>[0]

const switches: Switches = {}
Object.assign(globalThis, { __stryker__: switches })

/** Runs every test once and notes which mutants it came by. */
class ReachRunner extends TestRunner {
  override async onBeforeRunTask(test: Task): Promise<void> {
    await super.onBeforeRunTask(test)
    switches.currentTestId = test.id
  }

  override onAfterRunTask(test: Task): void {
    super.onAfterRunTask(test)
    switches.currentTestId = undefined
    const hits = switches.mutantCoverage?.perTest[test.id] ?? {}
    add(FILES.reach, { test: test.id, duration: test.result?.duration ?? 0, hits })
  }

  override onAfterRunFiles(files: Parameters<TestRunner['onAfterRunFiles']>[0]): void {
    super.onAfterRunFiles(files)
    add(FILES.static, Object.keys(switches.mutantCoverage?.static ?? {}))
  }
}

/** Times a mutant's switch may be passed, per pass of the run without it. */
const PASSES = 100

const shard = process.env.MUTATION_SHARD ?? '0/1'

/** Of the tests that come by a mutant, cheapest first, it meets those that begin in this span of milliseconds. */
const [BEGIN = 0, END = 0] = (process.env.MUTATION_SPAN ?? '').split('-').map(Number)

/**
 * Runs every test again for each mutant that is alive and that it comes by: Vitest's own repeats, with all hooks. One that
 * fails is run without the mutant next, and has killed it only when that succeeds.
 */
class MutantRunner extends TestRunner {
  readonly #reach = new Map(lines<Reach>(FILES.reach).map((one) => [one.test, one]))
  readonly #tested = new Set(lines<string>(FILES.tested(shard)))
  readonly #alive = aliveOf(shard)
  readonly #asked = askedOf([...this.#reach.values()], this.#alive)
  #queue: string[] = []
  #active: string | undefined
  /** The mutant that made the test fail just now. */
  #suspect: string | undefined
  #idle = false

  override async onBeforeRunTask(test: Task): Promise<void> {
    await super.onBeforeRunTask(test)
    const asked = this.#tested.has(test.id) ? [] : (this.#asked.get(test.id) ?? [])
    this.#queue = asked.filter((id) => this.#alive.has(id))
    if (test.type === 'test') test.repeats = 2 * this.#queue.length
    if (this.#queue.length === 0) test.mode = 'skip'
  }

  override onBeforeTryTask(test: Task, options: Parameters<TestRunner['onBeforeTryTask']>[1]): void {
    super.onBeforeTryTask(test, options)
    const isCheck = options.repeats === 0 || this.#suspect !== undefined
    this.#active = isCheck ? undefined : this.#queue.shift()
    this.#idle = !isCheck && this.#active === undefined
    if (this.#active !== undefined) write(FILES.current(shard), { id: this.#active, test: test.id })
    switches.hitCount = 0
    switches.hitLimit = PASSES * ((this.#reach.get(test.id)?.hits[this.#active ?? ''] ?? 0) + 10)
    switches.activeMutant = this.#active
  }

  async runTask(test: Test): Promise<void> {
    if (!this.#idle) await TestRunner.getTestFn(test)()
  }

  override async onAfterRetryTask(test: Test, options: Parameters<TestRunner['onAfterRetryTask']>[1]) {
    switches.activeMutant = undefined
    await super.onAfterRetryTask(test, options)
    const failed = test.result?.state === 'fail'
    if (this.#active === undefined) this.#settle(test, failed)
    else if (failed) this.#suspect = this.#active
    if (test.result !== undefined) {
      test.result.state = 'pass'
      delete test.result.errors
    }
  }

  override onAfterRunTask(test: Task): void {
    super.onAfterRunTask(test)
    if (this.#reach.has(test.id)) add(FILES.tested(shard), test.id)
  }

  /** After a run without a mutant. */
  #settle(test: Test, failed: boolean): void {
    const suspect = this.#suspect
    this.#suspect = undefined
    // It does not stand being run again, so it can say nothing of any mutant.
    if (failed) this.#queue = []
    if (suspect === undefined) return
    const by = `${test.file.name} > ${test.name}`
    add(FILES.verdicts, { id: suspect, status: failed ? 'unsettled' : 'killed', by } satisfies Verdict)
    if (!failed) this.#alive.delete(suspect)
  }
}

/** What each test is asked about: of all that come by a mutant, those that are quick and made for little come first. */
function askedOf(reach: readonly Reach[], alive: ReadonlySet<string>): Map<string, string[]> {
  const spent = new Map<string, number>()
  const asked = reach.map((one) => ({ ...one, ids: Object.keys(one.hits).filter((id) => alive.has(id)) }))
  asked.sort((a, b) => (1 + a.duration) * a.ids.length - (1 + b.duration) * b.ids.length)
  return new Map(
    asked.map(({ test, duration, ids }) => {
      const mine = ids.filter((id) => {
        const begins = spent.get(id) ?? 0
        spent.set(id, begins + 1 + duration)
        return begins >= BEGIN && begins < END
      })
      return [test, mine]
    }),
  )
}

/** The mutants of a shard, `index/count`, that nothing has killed yet. */
function aliveOf(shard: string): Set<string> {
  const [index = 0, count = 1] = shard.split('/').map(Number)
  const dead = deadOnes()
  const mine = read<Mutant[]>(FILES.mutants).filter((_, at) => at % count === index)
  return new Set(mine.map(({ id }) => id).filter((id) => !dead.has(id)))
}

/** Runs the tests once, with one mutant that is there from the beginning. */
class StaticRunner extends TestRunner {
  constructor(config: ConstructorParameters<typeof TestRunner>[0]) {
    super(config)
    switches.activeMutant = process.env.MUTATION_STATIC
  }

  /** The sign of life. */
  override async onBeforeRunTask(test: Task): Promise<void> {
    await super.onBeforeRunTask(test)
    write(FILES.current(`alone-${process.env.MUTATION_STATIC}`), test.id)
  }
}

const RUNNERS: Record<string, typeof TestRunner> = {
  reach: ReachRunner,
  mutants: MutantRunner,
  static: StaticRunner,
}

export default RUNNERS[process.env.MUTATION_RUNNER ?? ''] ?? TestRunner
