import type { SessionEvent } from '../events.ts'
import type { Arrival } from './arrival.ts'
import { clientOf } from './client.ts'
import type { SessionClient, SessionMonitor } from './session-monitor.ts'

/** An event before the manager adds its time and its cookie's name. */
export type UnstampedEvent = SessionEvent extends infer Event
  ? Event extends SessionEvent
    ? Omit<Event, 'at' | 'cookie'>
    : never
  : never

/** @param arrival The request in which it happened, where there is one. */
export type Emit = (event: UnstampedEvent, arrival?: Arrival) => void

type Listener = (event: SessionEvent, client?: SessionClient) => unknown

/** Stamps events and delivers them. */
export function emitter(
  onEvent: Listener | undefined,
  monitor: SessionMonitor | undefined,
  clock: () => number,
  cookie: string,
): Emit {
  const listeners = [onEvent, monitor?.onEvent?.bind(monitor)].filter((listener) => listener !== undefined)
  return (unstamped, arrival) => {
    if (listeners.length === 0) return
    const event = { ...unstamped, at: clock(), cookie }
    const client = arrival && clientOf(arrival)
    for (const listener of listeners) deliver(listener, event, client)
  }
}

/** Monitoring must not take a request down, neither at once nor by a rejected promise. */
function deliver(listener: Listener, event: SessionEvent, client: SessionClient | undefined): void {
  try {
    Promise.resolve(listener(event, client)).catch(() => {})
  } catch {}
}
