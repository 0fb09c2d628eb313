import type { Stage } from './stage.ts'

/** An attack that the console plays at the press of a button. */
export interface Attack {
  readonly id: string
  readonly title: string
  /** What the attacker wants to do. */
  readonly plan: string
  /** @returns What the library did about it, in this mode. */
  run(stage: Stage): Promise<string>
}
