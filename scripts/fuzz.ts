/**
 * Fuzzing, led by coverage: `npm run fuzz -- --inputs 1000000`, of all targets together; `--target 'id cookie'` for one,
 * `--seed N` for other inputs, `--save` to keep what was found in test/fuzz/corpus. See CONTRIBUTING.md.
 */
import { parseArgs } from 'node:util'
import { campaign, type Found } from '../test/fuzz/campaign.ts'
import { readCorpus, saveFound, saveReached } from '../test/fuzz/corpus.ts'
import { fuzzTargets } from '../test/fuzz/fuzz-targets.ts'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
})

const [wanted, seed] = [wholeNumber('inputs'), wholeNumber('seed')]
const all = await fuzzTargets()
const targets = all.filter(({ name }) => values.target === undefined || name === values.target)
if (targets.length === 0) throw new RangeError(`There is: ${all.map(({ name }) => name).join(', ')}.`)
const shares = targets.reduce((sum, { share = 1 }) => sum + share, 0)
const found: Found[] = []
let inputs = 0
for (const target of targets) {
  const part = Math.ceil((wanted * (target.share ?? 1)) / shares)
  const { reached } = readCorpus(target.name)
  const result = await campaign(target, { inputs: part, seed, corpus: reached })
  inputs += result.inputs
  found.push(...result.found)
  if (values.save) saveReached(target.name, result.reached)
  const { milliseconds, blocks, outcomes, undecided } = result
  const told = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`)
  console.log(
    `${target.name}: ${result.inputs} inputs, ${(milliseconds / 1000).toFixed(1)} s, ${blocks} blocks, ` +
      `${result.reached.length} new, ${result.found.length} found, ${undecided} undecided\n  ${told.sort().join(', ')}`,
  )
}
for (const { target, why, input } of found) {
  console.log(`\n${target}, seed ${seed}: ${why}\n  ${JSON.stringify(input).slice(0, 2000)}`)
}
if (values.save) saveFound(found)
console.log(`\n${inputs} inputs, ${found.length} found`)
process.exitCode = found.length > 0 ? 1 : 0

function wholeNumber(name: 'inputs' | 'seed'): number {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`--${name} must be a whole number above 0: it is ${values[name]}.`)
}
