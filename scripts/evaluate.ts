/**
 * `npm run evaluate`: how much of simulated theft `wafer-session/monitor` catches, and how often it is wrong. Draws
 * docs/evaluation.svg.
 *
 * `npm run evaluate -- --json` prints JSON and nothing else; `-- --fit` fits the weights anew and prints what
 * src/monitor/weights.ts has to have, in some minutes.
 */
import { writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { formatTable, rounded, type Table } from '../bench/table.ts'
import { drawEvaluation } from './evaluation/chart.ts'
import { type CostFigures, measureCost } from './evaluation/cost.ts'
import { type Evaluation, evaluate, HELD_OUT } from './evaluation/evaluate.ts'
import { THRESHOLDS } from './evaluation/run.ts'
import { train } from './evaluation/training.ts'

const CHART = new URL('../docs/evaluation.svg', import.meta.url)

const words = process.argv.slice(2)
const unknown = words.filter((word) => !['--json', '--fit'].includes(word))
if (unknown.length > 0) throw new TypeError(`No such option: ${unknown.join(', ')}.`)

if (words.includes('--fit')) {
  console.log(JSON.stringify(train(), null, 2))
} else {
  const cost = measureCost(heapUsed)
  const evaluation = evaluate(HELD_OUT)
  if (words.includes('--json')) {
    const { curve, ...figures } = evaluation
    console.log(JSON.stringify({ ...figures, thresholds: THRESHOLDS, cost }, null, 2))
  } else {
    for (const table of tables(evaluation, cost)) console.log(formatTable(table))
    writeFileSync(CHART, drawEvaluation(evaluation))
    console.log('\nDrawn: docs/evaluation.svg')
  }
}

/** Bytes, once everything that can go is gone. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

function tables(evaluation: Evaluation, cost: CostFigures): Table[] {
  const { perClass, rules, bursts } = evaluation
  const kinds = Object.entries(perClass).map(([kind, figures]) => [
    kind,
    figures.thefts,
    percent(figures.caughtAtOnce),
    percent(figures.caught),
  ])
  const each = rules.map((rule) => [
    `${rule.rule} alone`,
    rounded(rule.falseAlarmsPerRequest * 1000),
    percent(rule.theftsCaught),
  ])
  return [
    {
      title: `Users and thieves that no weight was fitted to, at default thresholds`,
      columns: ['', 'measured', 'reach'],
      rows: [
        ['false alarms per 1,000 requests', rounded(evaluation.falseAlarmsPerRequest * 1000), 'below 1'],
        ['thefts caught within five requests', percent(evaluation.theftsCaught), 'at least 90 %'],
        ['the same without renewed ids', percent(evaluation.theftsCaughtByLooks), ''],
        ['area under the curve', rounded(evaluation.auc), ''],
        ['false alarms per 1,000 sessions', rounded(evaluation.falseAlarmsPerSession * 1000), ''],
        ['months of a user between false alarms', rounded(evaluation.monthsBetweenFalseAlarms), ''],
      ],
      notes: [
        `${evaluation.users} users, ${evaluation.requests} requests in ${evaluation.sessions} sessions, ${evaluation.thefts} thefts.`,
      ],
    },
    { title: 'Thefts', columns: ['', 'thefts', 'at once', 'within five'], rows: kinds },
    {
      title: 'Single rules, without renewed ids',
      columns: ['', 'false alarms per 1,000', 'thefts caught'],
      rows: each,
    },
    {
      title: 'Bursts',
      columns: ['', 'measured'],
      rows: [
        ['forged cookies from one address until the alarm', bursts.forgingFromOneAddress],
        ['the same from many addresses', bursts.forgingFromManyAddresses],
        ['sign-ins with stolen passwords that were stopped', percent(bursts.stuffingStopped)],
      ],
    },
    {
      title: 'Cost',
      columns: ['', 'measured', 'reach'],
      rows: [
        ['microseconds per request', rounded(cost.microsecondsPerRequest), 'below 20'],
        ['bytes of a profile as JSON, mean', cost.bytesPerUser, ''],
        ['the largest of them', cost.largestProfile, ''],
        ['bytes of memory per user', cost.heapPerUser, ''],
      ],
    },
  ]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
