import { type Run, type TheftOutcome, WITHIN } from './run.ts'
import { THEFTS, type TheftKind } from './thefts.ts'

/** How a kind of theft fared. */
export interface ClassFigures {
  readonly thefts: number
  /** Shares of them, 0 to 1. */
  readonly caught: number
  readonly caughtAtOnce: number
}

/** A point of the curve: what a threshold costs and what it brings. */
export interface CurvePoint {
  readonly threshold: number
  readonly falseAlarmsPerRequest: number
  readonly theftsCaught: number
}

/** What `npm run evaluate -- --json` prints of the users and the thieves. */
export interface Figures {
  readonly falseAlarmsPerRequest: number
  readonly falseAlarmsPerSession: number
  /** Sessions of a user between two false alarms, as months at the pace of these users. */
  readonly monthsBetweenFalseAlarms: number
  /** Within five requests of the thief. */
  readonly theftsCaught: number
  /** The same without those that a token gives away which was used twice. */
  readonly theftsCaughtByLooks: number
  readonly auc: number
  readonly perClass: Readonly<Record<TheftKind, ClassFigures>>
  readonly requests: number
  readonly sessions: number
  readonly users: number
  readonly thefts: number
  readonly within: number
}

export function figuresOf(runs: readonly Run[]): Figures {
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run), 0)
  const thefts = runs.flatMap((run) => run.thefts)
  const [requests, sessions, users] = [
    sum((run) => run.normal.length),
    sum((run) => run.sessions),
    sum((run) => run.users),
  ]
  const falseAlarms = sum((run) => run.falseAlarms)
  const months = sum((run) => run.users * run.days) / 30
  return {
    falseAlarmsPerRequest: falseAlarms / requests,
    falseAlarmsPerSession: falseAlarms / sessions,
    monthsBetweenFalseAlarms: months / falseAlarms,
    theftsCaught: shareOf(thefts, isCaught),
    theftsCaughtByLooks: shareOf(thefts.filter(isByLooks), isCaught),
    auc: areaUnder(
      runs.flatMap((run) => [...run.windows]),
      thefts.map(highest),
    ),
    perClass: perClass(thefts),
    requests,
    sessions,
    users,
    thefts: thefts.length,
    within: WITHIN,
  }
}

/** What each threshold would do, from the strictest to the mildest that is worth a look; renewed ids aside. */
export function curveOf(runs: readonly Run[]): CurvePoint[] {
  const normal = Float64Array.from(runs.flatMap((run) => [...run.normal]))
    .sort()
    .reverse()
  const highs = runs
    .flatMap((run) => run.thefts)
    .filter(isByLooks)
    .map(highest)
  const points: CurvePoint[] = []
  for (let count = 1; count < normal.length / 20; count = Math.ceil(count * 1.12)) {
    const threshold = normal[count - 1] ?? 0
    points.push({
      threshold,
      falseAlarmsPerRequest: count / normal.length,
      theftsCaught: shareOf(highs, (high) => high >= threshold),
    })
  }
  return points
}

function perClass(thefts: readonly TheftOutcome[]): Record<TheftKind, ClassFigures> {
  const entries = (Object.keys(THEFTS) as TheftKind[]).map((kind) => {
    const those = thefts.filter((theft) => theft.kind === kind)
    const caughtAtOnce = shareOf(those, ({ caughtBy }) => caughtBy === 1)
    return [kind, { thefts: those.length, caught: shareOf(those, isCaught), caughtAtOnce }]
  })
  return Object.fromEntries(entries)
}

/** How often a theft looks worse than normal use, of five requests each: the area under the ROC curve. */
function areaUnder(normal: readonly number[], thefts: readonly number[]): number {
  const sorted = Float64Array.from(normal).sort()
  const below = thefts.reduce(
    (sum, risk) => sum + (rank(sorted, risk, false) + rank(sorted, risk, true)) / 2,
    0,
  )
  return below / sorted.length / thefts.length
}

/** How many are less, or not more. */
function rank(sorted: Float64Array, value: number, orEqual: boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const one = sorted[middle] ?? 0
    if (one < value || (orEqual && one === value)) low = middle + 1
    else high = middle
  }
  return low
}

function highest({ risks }: TheftOutcome): number {
  return Math.max(...risks)
}

/** A renewed id gives itself away, whatever the request looks like. */
export function isByLooks({ kind }: TheftOutcome): boolean {
  return kind !== 'renewed id'
}

function isCaught({ caughtBy }: TheftOutcome): boolean {
  return caughtBy > 0
}

function shareOf<Item>(items: readonly Item[], is: (item: Item) => boolean): number {
  return items.filter(is).length / items.length
}
