import type { SessionStore } from '../../store.ts'
import { check } from './check.ts'

/** A store, and what the suite may do with its surroundings. */
export interface StoreSetup {
  readonly store: SessionStore
  /** A second client of the same system, as another process or isolate has it. @default the store itself */
  readonly peer?: SessionStore | undefined
  /** Moves the store's clock, by seconds. Without it the suite waits. */
  readonly advance?: ((seconds: number) => void | Promise<void>) | undefined
  /** The clock that `expiresAt` is measured by, in milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined
  /** After each test. */
  readonly close?: (() => unknown) | undefined
}

export type StoreUnderTest = SessionStore | StoreSetup

/** What one test has: a store, and names that no other test has used. */
export interface StoreTest {
  readonly store: SessionStore
  readonly peer: SessionStore
  /** True when time is told to pass, and so is exact. */
  readonly exact: boolean
  /** A key or tag that is new to the system. */
  unique(name?: string): string
  now(): number
  /** Milliseconds since the epoch, that many seconds from now. */
  in(seconds: number): number
  /** Resolves when the clock shows this, in milliseconds since the epoch. */
  until(moment: number): Promise<void>
}

/** One test of the suite. */
export type StoreCase = readonly [title: string, run: (t: StoreTest) => Promise<void>]

/** Longer than any test takes, in seconds. */
export const LONG = 3600

/** Clocks of two processes of one machine may differ, in milliseconds. */
const SKEW = 50

export function setupOf(subject: StoreUnderTest): StoreSetup {
  return 'capabilities' in subject ? { store: subject } : subject
}

export function storeTest({ store, peer = store, advance, now = Date.now }: StoreSetup): StoreTest {
  return {
    store,
    peer,
    now,
    exact: advance !== undefined,
    unique: (name = 'key') => `${name}-${crypto.randomUUID()}`,
    in: (seconds) => now() + seconds * 1000,
    async until(moment) {
      if (advance === undefined) return sleepUntil(moment + SKEW, now)
      await advance((moment - now()) / 1000)
      check(now() >= moment, 'advance() does not move the clock that now() reads: pass now() as well')
    },
  }
}

async function sleepUntil(moment: number, now: () => number): Promise<void> {
  while (now() < moment) await new Promise((resolve) => setTimeout(resolve, Math.min(moment - now(), 100)))
}
