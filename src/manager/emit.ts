import type { SessionEvent } from '../events.ts'

/** An event before the manager adds its time and its cookie's name. */
export type UnstampedEvent = SessionEvent extends infer Event
  ? Event extends SessionEvent
    ? Omit<Event, 'at' | 'cookie'>
    : never
  : never

export type Emit = (event: UnstampedEvent) => void

/** Stamps events and delivers them. */
export function emitter(
  onEvent: ((event: SessionEvent) => unknown) | undefined,
  clock: () => number,
  cookie: string,
): Emit {
  return (event) => {
    if (onEvent !== undefined) deliver(onEvent, { ...event, at: clock(), cookie })
  }
}

/** Monitoring must not take a request down, neither at once nor by a rejected promise. */
function deliver(onEvent: (event: SessionEvent) => unknown, event: SessionEvent): void {
  try {
    const result = onEvent(event)
    if (result instanceof Promise) result.catch(() => {})
  } catch {}
}
