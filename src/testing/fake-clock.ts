/** A clock that moves only when told to; pass it as the manager's `clock`. */
export interface FakeClock {
  /** Milliseconds since the epoch. */
  (): number
  /** Seconds, fractions allowed. */
  advance(seconds: number): void
  /** Milliseconds since the epoch. */
  set(milliseconds: number): void
}

/** @param start Milliseconds since the epoch. */
export function fakeClock(start: number = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start
  return Object.assign(() => now, {
    advance(seconds: number) {
      now += seconds * 1000
    },
    set(milliseconds: number) {
      now = milliseconds
    },
  })
}
