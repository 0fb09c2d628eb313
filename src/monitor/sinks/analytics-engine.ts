import type { LogEntry } from '../log-entry.ts'
import type { Sink } from '../sink.ts'

/** The part of a Workers Analytics Engine binding that is used. */
export interface AnalyticsEngine {
  writeDataPoint(point: { indexes?: string[]; blobs?: string[]; doubles?: number[] }): void
}

/** An index has at most so many bytes, and so a blob of ours. */
const MAX_BYTES = 96

/**
 * A data point for each entry in Workers Analytics Engine. `index1` is the cookie's name, by which is sampled; `blob1` to
 * `blob9` are type, reason, country, network, device, action, user, session and signals; `double1` is the risk, `double2`
 * the latitude, `double3` the longitude.
 *
 * @throws {TypeError}
 */
export function analyticsEngineSink(dataset: AnalyticsEngine): Sink {
  if (typeof dataset?.writeDataPoint !== 'function') {
    throw new TypeError('analyticsEngineSink(dataset) wants a binding of Workers Analytics Engine.')
  }
  return {
    write(entry) {
      const { latitude = 0, longitude = 0, risk = 0 } = entry
      dataset.writeDataPoint({
        indexes: [cut(entry.cookie)],
        blobs: blobs(entry).map(cut),
        doubles: [risk, latitude, longitude],
      })
    },
  }
}

function blobs(entry: LogEntry): (string | undefined)[] {
  const { type, reason, country, network, device, action, userId, sessionId, signals } = entry
  return [type, reason, country, network, device, action, userId, sessionId, signals?.join('; ')]
}

/** A character may have up to 4 bytes. */
function cut(text = ''): string {
  return text.slice(0, MAX_BYTES / 4)
}
