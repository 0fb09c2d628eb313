/// <reference path="../cloudflare-workers.d.ts" />
import { waitUntil } from 'cloudflare:workers'
import type { SessionManagerOptions } from 'wafer-session'
import { type ActivityLog, createMonitor } from 'wafer-session/monitor'
import type { Bindings } from '../env.ts'
import { activityIn } from './activity.ts'
import { Recent } from './recent.ts'
import { seen } from './seen.ts'

/** Bindings come with requests, and a sink is called while one of them tells of an event: this is where it writes. */
let log: ActivityLog | undefined

/** Of this isolate, and new with it; so is what the monitor knows. */
export const recent = new Recent()
const monitor = createMonitor({
  thresholds: { end: 2 }, // Never: whoever is asked for the password and knows it goes on.
  sink: { isSealed: true, write: (entry) => log?.write(entry) },
  waitUntil,
})

type Watching = Pick<SessionManagerOptions, 'clock' | 'monitor' | 'onEvent'>

/** The options by which the monitor looks at every request, and the console is told of everything. */
export function watched(env: Bindings): Watching {
  const { simulation } = env
  const simulated = simulation !== undefined
  return {
    clock: simulation?.now ?? Date.now,
    monitor: {
      assess(observation) {
        const assessment = monitor.assess(observation)
        const { risk, action } = assessment
        recent.judge({ at: Date.now(), userId: observation.userId, risk, action, simulated })
        simulation?.judge(assessment)
        return assessment
      },
      learn: monitor.learn,
      onEvent(event, client) {
        log = simulated ? undefined : activityIn(env)
        monitor.onEvent(event, client)
      },
    },
    onEvent(event, client) {
      const noted = seen(event, client, simulated)
      recent.note({ ...noted, at: Date.now() }) // The clock of a simulation runs ahead.
      simulation?.note(noted)
    },
  }
}
