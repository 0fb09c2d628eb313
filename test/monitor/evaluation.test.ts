import { expect, test } from 'vitest'
import { evaluate } from '../../scripts/evaluation/evaluate.ts'

const SMALL = { seed: 3, users: 60, days: 30, theftsPerUser: 2 }

/** A world that is in neither the training nor the evaluation; with so few thieves a few per cent are chance. */
const evaluation = evaluate([SMALL])

test('evaluate finds fewer than one false alarm in 1,000 requests of users that no weight was fitted to', () => {
  expect(evaluation.requests).toBeGreaterThan(10_000)
  expect(evaluation.falseAlarmsPerRequest).toBeGreaterThan(0)
  expect(evaluation.falseAlarmsPerRequest).toBeLessThan(0.0015)
})

test('evaluate finds most thefts caught within five requests, and every kind for itself', () => {
  const { theftsCaught, perClass, thefts } = evaluation
  expect(thefts).toBeGreaterThan(100)
  expect(theftsCaught).toBeGreaterThan(0.8)
  expect(theftsCaught).toBeLessThanOrEqual(1)
  expect(perClass['renewed id'].caught).toBe(1)
  expect(perClass['another country'].caught).toBeGreaterThan(0.85)
  expect(Object.values(perClass).reduce((sum, kind) => sum + kind.thefts, 0)).toBe(thefts)
})

test('evaluate tells normal use and thefts apart', () => {
  expect(evaluation.auc).toBeGreaterThan(0.95)
  expect(evaluation.auc).toBeLessThan(1)
})

test('evaluate catches more than any single rule does at as many false alarms', () => {
  for (const rule of evaluation.rules) {
    const [point] = evaluation.curve.filter(
      ({ falseAlarmsPerRequest }) => falseAlarmsPerRequest >= rule.falseAlarmsPerRequest,
    )
    expect(point?.theftsCaught, rule.rule).toBeGreaterThan(rule.theftsCaught - 0.02)
  }
})

test('evaluate notices bursts', () => {
  const { forgingFromOneAddress, forgingFromManyAddresses, stuffingStopped } = evaluation.bursts
  expect(forgingFromOneAddress).toBeGreaterThan(0)
  expect(forgingFromOneAddress).toBeLessThan(50)
  expect(forgingFromManyAddresses).toBeLessThan(200)
  expect(stuffingStopped).toBeGreaterThan(0.8)
})

test('evaluate is the same for the same seed, and another for another', () => {
  const tiny = { ...SMALL, users: 8, days: 8 }
  const once = evaluate([tiny])
  expect(evaluate([tiny])).toEqual(once)
  expect(evaluate([{ ...tiny, seed: 4 }])).not.toEqual(once)
})
