import type { Findings } from '../../src/monitor/index.ts'
import type { SimulatedRequest } from './request.ts'
import type { Side } from './run.ts'

/** Single rules that applications are often given, to compare with. */
export const RULES = ['impossible-travel', 'new-country', 'new-network', 'new-device'] as const

export interface RuleFigures {
  readonly rule: string
  readonly falseAlarmsPerRequest: number
  readonly theftsCaught: number
}

/** Counts what each rule alone would say. */
export class RuleCounts {
  readonly #alarms = new Map<string, number>()
  readonly #caught = new Map<string, Set<string>>()
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  add({ signals }: Findings, { theft }: SimulatedRequest, side: Side): void {
    if (side === 'owner') return
    for (const { signal } of signals) {
      if (theft === undefined) this.#alarms.set(signal, this.alarms(signal) + 1)
      else this.#caught.set(signal, this.caught(signal).add(`${this.#seed} ${theft}`))
    }
  }

  alarms(rule: string): number {
    return this.#alarms.get(rule) ?? 0
  }

  caught(rule: string): Set<string> {
    return this.#caught.get(rule) ?? new Set()
  }
}

/** @param of How many requests of normal use there were, and how many thefts by a stolen cookie or password. */
export function ruleFigures(
  counts: readonly RuleCounts[],
  of: { readonly requests: number; readonly thefts: number },
): RuleFigures[] {
  return RULES.map((rule) => ({
    rule,
    falseAlarmsPerRequest: counts.reduce((sum, count) => sum + count.alarms(rule), 0) / of.requests,
    theftsCaught: counts.reduce((sum, count) => sum + count.caught(rule).size, 0) / of.thefts,
  }))
}
