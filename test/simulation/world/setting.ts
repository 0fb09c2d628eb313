import { Random } from '../runtime/random.ts'
import type { Outcome } from '../stores/gate.ts'
import type { ModeName } from './mode-names.ts'
import { THEMES, type ThemeName } from './themes.ts'

/** What a seed decides before anything happens. */
export interface Setting {
  readonly seed: number
  readonly mode: ModeName
  readonly theme: ThemeName
  readonly isolates: number
  readonly browsers: number
  readonly thieves: number
  /** How many requests there are. */
  readonly requests: number
  /** How many may be on their way at once. */
  readonly atOnce: number
  /** How far the clocks of isolates are from the true time, at most, in milliseconds. */
  readonly skew: number
  /** Of 1,000 store calls so many go wrong, and how. */
  readonly faults: number
  readonly faultKinds: Readonly<Partial<Record<Outcome, number>>>
  /** Of 1,000 responses so many never arrive. */
  readonly lostResponses: number
  readonly onReuse: 'end' | 'report'
  readonly onStoreError: 'fail' | 'anonymous'
  readonly sessionsPerUser: { readonly max: number; readonly onExceed: 'reject' | 'evict' } | undefined
  readonly rotates: boolean
}

const KINDS: Setting['faultKinds'][] = [
  { 'fails-before': 1, 'fails-after': 1 },
  { 'lost-before': 1, 'lost-after': 2, 'fails-after': 1 },
  { garbage: 1 },
  { 'fails-before': 2, 'fails-after': 2, 'lost-before': 1, 'lost-after': 1, garbage: 1 },
]

/** The mode that fails the most has the most to show. */
const WEIGHTS: Record<ModeName, number> = {
  store: 60,
  'kv-store': 8,
  'sealed-marks': 14,
  'sealed-kv-marks': 12,
  sealed: 6,
}

/** Renewals are only in a store, and sealed cookies are ended in more ways. */
function themeOf(mode: ModeName, random: Random): ThemeName {
  return random.weighted(
    mode === 'store'
      ? { mixed: 46, renewals: 22, ends: 12, long: 6, challenges: 8, rush: 6 }
      : { mixed: 45, ends: 40, long: 10, challenges: 5 },
  )
}

export function settingOf(seed: number): Setting {
  const random = new Random(seed, 'setting')
  const mode = random.weighted(WEIGHTS)
  const theme = themeOf(mode, random)
  const isTroubled = random.chance(500)
  const limit = random.chance(250)
  return {
    seed,
    mode,
    theme,
    isolates: random.between(1, 3),
    browsers: random.pick([1, 1, 2, 2, 3]),
    thieves: random.chance(450) ? 1 : 0,
    requests: random.between(8, 28),
    atOnce: random.between(1, 4),
    skew: random.pick([0, 0, 5000, 15_000]),
    faults: isTroubled ? random.pick([20, 60, 200]) : 0,
    faultKinds: random.pick(KINDS),
    lostResponses: random.pick([0, 0, 50, 200]),
    onReuse: random.chance(900) ? 'end' : 'report',
    onStoreError: random.chance(850) ? 'fail' : 'anonymous',
    sessionsPerUser: limit
      ? { max: random.between(1, 2), onExceed: random.chance(500) ? 'reject' : 'evict' }
      : undefined,
    rotates: random.chance(250),
    ...THEMES[theme].setting,
  }
}
