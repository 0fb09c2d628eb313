import type { SessionManagerOptions, SessionObservation } from 'wafer-session'
import { type Assessment, createMonitor } from 'wafer-session/monitor'
import type { Simulation } from '../simulation.ts'
import { Recent } from './recent.ts'
import { seen } from './seen.ts'

/** Both are of this isolate, and start anew with it. */
export const recent = new Recent()
export const monitor = createMonitor()

type Watching = Pick<SessionManagerOptions, 'clock' | 'monitor' | 'onEvent'>

/** The options by which the monitor looks at every request, and the console is told of everything. */
export function watched(simulation?: Simulation): Watching {
  const simulated = simulation !== undefined
  return {
    clock: simulation?.now ?? Date.now,
    monitor: {
      assess(observation) {
        const assessment = monitor.assess(observation)
        judge(observation, assessment, simulated)
        simulation?.judge(assessment)
        return assessment
      },
      learn: monitor.learn,
      onEvent: monitor.onEvent,
    },
    onEvent(event, client) {
      const noted = seen(event, client, simulated)
      recent.note({ ...noted, at: Date.now() }) // The clock of a simulation runs ahead.
      simulation?.note(noted)
    },
  }
}

function judge({ userId }: SessionObservation, { risk, action }: Assessment, simulated: boolean): void {
  recent.judge({ at: Date.now(), userId, risk, action, simulated })
}
