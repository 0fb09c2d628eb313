/** The ways to keep sessions. */
export const MODE_NAMES = ['store', 'kv-store', 'sealed-marks', 'sealed-kv-marks', 'sealed'] as const

export type ModeName = (typeof MODE_NAMES)[number]
