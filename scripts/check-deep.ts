/**
 * `npm run test:deep`: the long form of what `npm test` does quickly, one after the other, whatever fails; hours on two
 * cores. `-- simulate faults` takes these alone. The last line counts steps.
 */
import { runScript } from './run-script.ts'

/** A script of package.json, its options, and the minutes that it may take. */
const STEPS = [
  ['mutate:guards', [], 20],
  ['simulate', ['--seeds', '1000000'], 240],
  ['fuzz', ['--inputs', '1000000'], 180],
  ['faults', ['--minutes', '10'], 30],
  ['coverage', [], 40],
  ['mutate', [], 600],
] as const

const words = process.argv.slice(2)
const known = STEPS.map(([name]) => name as string)
const strange = words.filter((word) => !known.includes(word))
if (strange.length > 0)
  throw new RangeError(`There is no ${strange.join(', ')}: name one of ${known.join(', ')}.`)

const failed: string[] = []
const steps = STEPS.filter(([name]) => words.length === 0 || words.includes(name))
for (const [name, options, minutes] of steps) {
  if ((await runScript(name, options, minutes)) !== 0) failed.push(name)
}
for (const name of failed) console.log(`FAILED  ${name}`)
console.log(`\n${steps.length - failed.length} passed, ${failed.length} failed`)
process.exit(failed.length === 0 ? 0 : 1)
