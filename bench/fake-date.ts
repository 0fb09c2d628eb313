/** The time as everybody here sees it, for what takes none but asks `Date`. */
export interface FakeDate {
  advance(seconds: number): void
  restore(): void
}

export function fakeDate(): FakeDate {
  const RealDate = Date
  let now = RealDate.now()
  class StandingDate extends RealDate {
    constructor(...args: [] | [number | string | Date]) {
      super(...((args.length === 0 ? [now] : args) as [number]))
    }
    static override now(): number {
      return now
    }
  }
  globalThis.Date = StandingDate as DateConstructor
  return {
    advance(seconds) {
      now += seconds * 1000
    },
    restore() {
      globalThis.Date = RealDate
    },
  }
}
