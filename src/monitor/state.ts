import type { Action } from './action.ts'
import type { Bursts } from './bursts.ts'
import type { MonitorSettings } from './options.ts'
import type { Population } from './profile.ts'
import type { Users } from './users.ts'

/** All that a monitor holds. */
export interface MonitorState {
  readonly settings: MonitorSettings
  readonly users: Users
  readonly population: Population
  readonly bursts: Bursts
  readonly counts: {
    assessed: number
    refused: number
    failures: number
    readonly actions: Record<Action, number>
  }
}
