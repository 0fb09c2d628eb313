import { cpuUsage } from 'node:process'
import { createMonitor, type Monitor } from '../../src/monitor/index.ts'
import type { SimulatedRequest } from './request.ts'
import { createScenario } from './scenario.ts'

export interface CostFigures {
  /** Of the processor, for `assess` and `learn`: the median of a hundred batches. */
  readonly microsecondsPerRequest: number
  /** Of the JSON of a user's profile: the mean, and the largest. */
  readonly bytesPerUser: number
  readonly largestProfile: number
  /** Of the heap, for each user in memory; 0 where the garbage collector cannot be called. */
  readonly heapPerUser: number
}

/** What a monitor costs, at this machine. */
export function measureCost(collect: (() => number) | undefined): CostFigures {
  const requests = [...createScenario({ seed: 9, users: 200, days: 30, theftsPerUser: 0 }).days()].flat()
  const before = collect?.() ?? 0
  const monitor = createMonitor()
  const times: number[] = []
  const size = Math.ceil(requests.length / 100)
  for (let from = 0; from < requests.length; from += size) {
    times.push(timeOf(requests.slice(from, from + size), monitor))
  }
  const heap = ((collect?.() ?? 0) - before) / monitor.figures().users
  const profiles = monitor.snapshot().users.map(([, profile]) => JSON.stringify(profile).length)
  return {
    microsecondsPerRequest: times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0,
    bytesPerUser: Math.round(profiles.reduce((sum, bytes) => sum + bytes, 0) / profiles.length),
    largestProfile: Math.max(...profiles),
    heapPerUser: Math.max(0, Math.round(heap)),
  }
}

/** Other programs on the machine make a clock run, and not this. */
function timeOf(requests: readonly SimulatedRequest[], monitor: Monitor): number {
  const before = cpuUsage()
  for (const { observation } of requests) monitor.learn(observation, monitor.assess(observation))
  const { user, system } = cpuUsage(before)
  return (user + system) / requests.length
}
