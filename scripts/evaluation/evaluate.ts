import { type BurstFigures, burstFigures } from './bursts.ts'
import { START } from './day.ts'
import { type CurvePoint, curveOf, type Figures, figuresOf, isByLooks } from './figures.ts'
import { RuleCounts, type RuleFigures, ruleFigures } from './rules.ts'
import { runScenario } from './run.ts'
import type { ScenarioOptions } from './scenario.ts'
import { DAY } from './session.ts'

/** Worlds, users and thieves that no weight was fitted to. */
export const HELD_OUT: readonly ScenarioOptions[] = [1, 2].map((seed) => ({
  seed,
  users: 200,
  days: 60,
  theftsPerUser: 4,
}))

export interface Evaluation extends Figures {
  readonly bursts: BurstFigures
  readonly rules: readonly RuleFigures[]
  readonly curve: readonly CurvePoint[]
}

/** @param scenarios One run each, with default thresholds. */
export function evaluate(scenarios: readonly ScenarioOptions[]): Evaluation {
  const counts = scenarios.map(({ seed }) => new RuleCounts(seed))
  const runs = scenarios.map((options, at) =>
    runScenario({
      ...options,
      onFindings: (findings, request, side) => counts[at]?.add(findings, request, side),
    }),
  )
  const figures = figuresOf(runs)
  const byLooks = runs.flatMap((run) => run.thefts).filter(isByLooks).length
  const [first, options] = [runs[0], scenarios[0]]
  if (first === undefined || options === undefined) throw new TypeError('There is nothing to evaluate.')
  const userIds = Array.from({ length: Math.min(100, options.users) }, (_, i) => `user-${options.seed}-${i}`)
  return {
    ...figures,
    bursts: burstFigures(first.monitor, {
      userIds,
      seed: options.seed,
      at: START + (options.days + 1) * DAY,
    }),
    rules: ruleFigures(counts, { requests: figures.requests, thefts: byLooks }),
    curve: curveOf(runs),
  }
}
