/**
 * A mix of users over a redis-server that fails now and then, with a ledger of what was acknowledged:
 * `npm run faults -- --minutes 10`, or `--rounds 3` for each fault three times; `--accounts 20` for more users. It ends with 1 when the
 * ledger finds something wrong. See docs/faults.md.
 */
import { parseArgs } from 'node:util'
import type { FaultFigures } from '../test/faults/run-faults.ts'
import { ensureDist } from '../test/support/dist.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    rounds: { type: 'string' },
    accounts: { type: 'string', default: '12' },
  },
})
const { minutes = values.rounds === undefined ? '10' : undefined, rounds, accounts } = values

// Servers that were started end with the process.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
ensureDist() // What follows imports the package by its name.
const { runFaults } = await import('../test/faults/run-faults.ts')
const started = performance.now()
const { ledger, faults } = await runFaults({
  ...(minutes !== undefined && { minutes: Number(minutes) }),
  ...(rounds !== undefined && { rounds: Number(rounds) }),
  accounts: Number(accounts),
  lasting: 4000,
  between: 6000,
  onFault: (name, figures) => console.log(`${seconds()} s  ${name}: ${tell(figures)}`),
})

console.log('')
for (const [name, figures] of Object.entries(faults)) {
  console.log(`${name}: ${figures.times} times, ${tell(figures)}`)
}
console.log('')
for (const [name, count] of Object.entries(ledger.figures))
  console.log(`${String(count).padStart(9)}  ${name}`)
for (const wrong of ledger.wrongs.slice(0, 10)) console.log(`\nWrong: ${wrong}`)
console.log(`\n${seconds()} s, ${ledger.wrongs.length} wrong`)
process.exit(ledger.wrongs.length > 0 ? 1 : 0)

function tell({ failed, recovery }: FaultFigures): string {
  return `${failed} requests failed, every client was served again after ${recovery} ms at the latest`
}

function seconds(): string {
  return ((performance.now() - started) / 1000).toFixed(0)
}
