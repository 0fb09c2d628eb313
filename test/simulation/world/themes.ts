import { type OperationName, WEIGHTS } from './operations.ts'
import type { Setting } from './setting.ts'

/** What a seed is about: of everything a little happens often, and of the rare things too little. */
export interface Theme {
  /** How often each is asked for. */
  readonly operations: Readonly<Record<OperationName, number>>
  /** Milliseconds that pass while nothing is on its way, and how often. */
  readonly pauses: Readonly<Record<string, number>>
  /** How often a thief tries to copy a cookie. */
  readonly thefts: number
  /** How often a request is sent while others are on their way; a store call is let through 60 times. */
  readonly rush: number
  /** What it wants otherwise than drawn. */
  readonly setting: Partial<Setting>
}

export type ThemeName = 'mixed' | 'renewals' | 'ends' | 'long' | 'challenges' | 'rush'

/** Nothing happens but what is named. */
const NOTHING = Object.fromEntries(Object.keys(WEIGHTS).map((name) => [name, 0])) as Theme['operations']

export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  mixed: {
    operations: WEIGHTS,
    pauses: { 300: 34, 5000: 16, 31000: 12, 70000: 16, 140000: 16, 600000: 3, 1500000: 2 },
    thefts: 2,
    rush: 14,
    setting: {},
  },
  renewals: {
    operations: { ...NOTHING, read: 60, write: 12, count: 12, contend: 3, reauthenticate: 2, regenerate: 3 },
    pauses: { 300: 30, 31000: 15, 70000: 25, 140000: 30 },
    thefts: 5,
    rush: 14,
    setting: { browsers: 1, atOnce: 3 },
  },
  ends: {
    operations: {
      ...NOTHING,
      read: 40,
      count: 20,
      reauthenticate: 25,
      regenerate: 8,
      signOut: 14,
      signIn: 6,
      halfSignIn: 4,
      revokeOne: 4,
      revokeAll: 4,
      revokeOthers: 8,
      revokeFederated: 2,
    },
    pauses: { 300: 40, 5000: 20, 45000: 20, 110000: 12 },
    thefts: 6,
    rush: 14,
    setting: { browsers: 2, atOnce: 3 },
  },
  long: {
    operations: { ...NOTHING, read: 50, write: 20, count: 20, regenerate: 4, flash: 4 },
    pauses: { 140000: 10, 430000: 40, 700000: 20 },
    thefts: 1,
    rush: 14,
    setting: { browsers: 1, requests: 24, atOnce: 1 },
  },
  challenges: {
    operations: { ...NOTHING, read: 10, putChallenge: 25, takeChallenge: 40, halfSignIn: 6, regenerate: 3 },
    pauses: { 300: 40, 5000: 20, 140000: 10 },
    thefts: 2,
    rush: 14,
    setting: { browsers: 1, atOnce: 3 },
  },
  rush: {
    operations: {
      ...NOTHING,
      read: 10,
      write: 20,
      contend: 30,
      count: 40,
      regenerate: 4,
      commitBetween: 6,
      signOut: 1,
    },
    pauses: { 300: 40, 140000: 20 },
    thefts: 1,
    rush: 60,
    setting: { browsers: 1, atOnce: 6, requests: 24 },
  },
}
