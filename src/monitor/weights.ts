/**
 * In bits of the odds of a theft. All but three were fitted by `npm run evaluate -- --fit` to simulated users and thefts,
 * none of which are in those that the evaluation judges by.
 */
export const WEIGHTS = {
  /** Before anything is known. */
  prior: -7.02,
  /** For each bit by which something is less likely of this user than of any. */
  surprise: { country: 0, place: 0.34, network: 0.27, address: 0, device: 0.41, move: 0.11, hour: 0.68 },
  /** For each bit by which it is more likely. */
  familiar: { country: 0, place: 0, network: 0.53, address: 1.16, device: 0, move: 0.08, hour: 0.35 },
  signals: {
    'impossible-travel': 1.92,
    'new-country': 2.31,
    'new-network': 1.8,
    'new-device': 1.24,
    'user-agent-changed': 1.59,
    'moved-to-new-network': 4.74,
    'moved-to-new-address': 0,
    moved: 2.69,
    'browser-updated': 0,
    'parallel-use': 0,
    'parallel-use-far': 4.54,
    'unusual-hour': 0,
  },
} as const
