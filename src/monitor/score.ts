import type { Sighting } from './observation.ts'
import type { History, RaisedSignal } from './signals/signal.ts'
import type { Surprise } from './surprise.ts'
import { WEIGHTS } from './weights.ts'

/** All that a score may go by. */
export interface Findings {
  readonly sighting: Sighting
  readonly history: History
  readonly surprise: readonly Surprise[]
  readonly signals: readonly RaisedSignal[]
}

export interface RiskPart {
  readonly name: string
  /** Added to the odds: 1 doubles them, -1 halves them. */
  readonly bits: number
  readonly text: string
}

export interface Score {
  /** 0 to 1. */
  readonly risk: number
  readonly parts: readonly RiskPart[]
}

/**
 * Too rare in any training data to be fitted: what each of these means is certain enough without. Anybody can send forged
 * cookies, from the same address or one with the same tag: alone they must not ask its users for anything.
 */
const SET_BY_HAND: Readonly<Record<string, number>> = {
  'renewed-id-reused': 14,
  'refused-burst': 3,
  'sign-in-burst': 6,
}

const KNOWN: Readonly<Record<string, number>> = { ...WEIGHTS.signals, ...SET_BY_HAND }

const PRIOR: RiskPart = { name: 'prior', bits: WEIGHTS.prior, text: 'before anything is known' }

/** Adds up bits of evidence: `risk = 1 / (1 + 2^-sum)`, so that the parts explain all of it. */
export function score({ surprise, signals }: Findings): Score {
  const parts = [PRIOR, ...surprise.map(surprisePart), ...signals.map(signalPart)]
  const sum = parts.reduce((bits, part) => bits + part.bits, 0)
  return { risk: 1 / (1 + 2 ** -sum), parts }
}

function surprisePart({ feature, value, probability, bits }: Surprise): RiskPart {
  const weighted = bits * WEIGHTS[bits > 0 ? 'surprise' : 'familiar'][feature]
  return { name: feature, bits: weighted, text: `${value}: ${percent(probability)} of this user's visits` }
}

function signalPart({ signal, evidence, bits }: RaisedSignal): RiskPart {
  const own = Object.hasOwn(KNOWN, signal) ? KNOWN[signal] : 0
  return { name: signal, bits: bits ?? own ?? 0, text: evidence.text }
}

/** Two digits that mean something. */
function percent(probability: number): string {
  const value = probability * 100
  return `${value >= 10 ? Math.round(value) : Number(value.toPrecision(2))} %`
}
