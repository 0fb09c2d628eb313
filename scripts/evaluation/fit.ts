import type { Findings, Score } from '../../src/monitor/index.ts'
import type { TrainingRow } from './training.ts'

/** In bits, by name: `prior`, the features, the signals. */
export type Weights = Readonly<Record<string, number>>

const ROUNDS = 1000
const STEP = 0.08
/** In bits: what no simulated user ever did is not impossible. */
const MOST = 5
/** Keeps weights of what was rarely seen from growing without end. */
const RIDGE = 1e-6

/** What a request brings for each weight: 1 for a signal, the bits of a surprise. */
export function inputsOf({ surprise, signals }: Findings): Record<string, number> {
  const inputs: Record<string, number> = { prior: 1 }
  for (const { feature, bits } of surprise) inputs[bits > 0 ? feature : `familiar ${feature}`] = bits
  for (const { signal } of signals) inputs[signal] = 1
  return inputs
}

/** The score of these weights, which a monitor can be given. */
export function scoreWith(weights: Weights): (findings: Findings) => Score {
  return (findings) => {
    const inputs = Object.entries(inputsOf(findings))
    const sum = inputs.reduce((bits, [name, input]) => bits + input * (weights[name] ?? 0), 0)
    return { risk: 1 / (1 + 2 ** -sum), parts: [] }
  }
}

/**
 * Logistic regression by gradient descent (Adam). A change in how a session looks weighs the same whether it is a
 * user's or a thief's, so that what matters is where false alarms and thefts are about as many. No weight but the prior may be
 * negative: what is more surprising must never look safer.
 */
export function fitWeights(rows: readonly TrainingRow[], names: readonly string[]): Weights {
  const size = names.length
  const inputs = Float64Array.from(rows.flatMap((row) => names.map((name) => row.inputs[name] ?? 0)))
  const total = rows.reduce((sum, { mass }) => sum + mass, 0)
  const weights = new Float64Array(size)
  const [mean, square] = [new Float64Array(size), new Float64Array(size)]
  for (let round = 1; round <= ROUNDS; round++) {
    const gradient = weights.map((weight) => RIDGE * weight)
    for (let row = 0; row < rows.length; row++) {
      const input = inputs.subarray(row * size, (row + 1) * size)
      const error =
        (predict(input, weights) - (rows[row]?.isTheft ? 1 : 0)) * ((rows[row]?.mass ?? 0) / total)
      for (let i = 0; i < size; i++) gradient[i] = at(gradient, i) + error * at(input, i)
    }
    for (let i = 0; i < size; i++) {
      mean[i] = 0.9 * at(mean, i) + 0.1 * at(gradient, i)
      square[i] = 0.99 * at(square, i) + 0.01 * at(gradient, i) ** 2
      const scale = Math.sqrt(at(square, i) / (1 - 0.99 ** round)) + 1e-8
      const next = at(weights, i) - (STEP * at(mean, i)) / (1 - 0.9 ** round) / scale
      weights[i] = names[i] === 'prior' ? next : Math.min(MOST, Math.max(0, next))
    }
  }
  return Object.fromEntries(names.map((name, i) => [name, at(weights, i)]))
}

function predict(input: Float64Array, weights: Float64Array): number {
  let sum = 0
  for (let i = 0; i < input.length; i++) sum += at(input, i) * at(weights, i)
  return 1 / (1 + 2 ** -sum)
}

function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0
}
