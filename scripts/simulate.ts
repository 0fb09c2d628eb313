/**
 * The deterministic simulation: `npm run simulate -- --seeds 1000000`, `--seed 4711` to replay one with its trace,
 * `--without cas` to see it fail with a guard taken out, `--mode sealed` for one way to keep sessions, `--change` for a
 * part of what a seed decides, as JSON. See docs/simulation.md.
 */
import { parseArgs } from 'node:util'
import { GUARDS } from '../test/simulation/guards.ts'
import { playSeeds, type Summary } from '../test/simulation/pool.ts'
import { commandOf, type Replayed, replay, shrink } from '../test/simulation/replay.ts'
import { MODE_NAMES, type ModeName } from '../test/simulation/world/mode-names.ts'
import type { Setting } from '../test/simulation/world/setting.ts'

const USAGE = `npm run simulate -- [--seeds N] [--from SEED] [--seed S] [--mode ${MODE_NAMES.join('|')}]
  [--without ${Object.keys(GUARDS).join('|')}]`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    mode: { type: 'string' },
    without: { type: 'string' },
    change: { type: 'string', default: '{}' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || (values.without !== undefined && !(values.without in GUARDS))) {
  console.log(USAGE)
  process.exit(values.help ? 0 : 2)
}
const change: Partial<Setting> = {
  ...GUARDS[values.without ?? '']?.where, // Where it soon shows.
  ...(values.mode !== undefined && { mode: values.mode as ModeName }),
  ...JSON.parse(values.change),
}
process.exitCode = values.seed === undefined ? await many() : await one(Number(values.seed))

async function many(): Promise<number> {
  const started = performance.now()
  let told = 0
  const summary = await playSeeds({
    first: Number(values.from),
    count: Number(values.seeds),
    without: values.without,
    change,
    onProgress(played) {
      if (played - told < 10_000) return
      told = played
      console.log(`${played} seeds`)
    },
  })
  const [failure] = summary.failed
  if (failure !== undefined) {
    const recipe = { seed: failure.seed, without: values.without, change }
    console.log(
      `Seed ${failure.seed} failed: ${commandOf(recipe)}\nThe shortest run like it that was found:\n`,
    )
    show(await shrink(recipe))
  }
  print(summary, (performance.now() - started) / 1000)
  return failure === undefined ? 0 : 1
}

async function one(seed: number): Promise<number> {
  const replayed = await replay({ seed, without: values.without, change })
  show(replayed)
  return replayed.violations.length > 0 ? 1 : 0
}

function show(replayed: Replayed): void {
  console.log(replayed.trace.join('\n'))
  for (const { invariant, message } of replayed.violations) console.log(`\n${invariant}: ${message}`)
  console.log(`\nReplay: ${commandOf(replayed)}\n`)
}

function print({ played, counts, failed }: Summary, seconds: number): void {
  for (const [name, times] of Object.entries(counts).sort())
    console.log(`${String(times).padStart(12)}  ${name}`)
  console.log(`\n${played} seeds in ${seconds.toFixed(1)} s, ${failed.length} failed`)
}
