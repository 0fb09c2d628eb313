/**
 * In bits of the odds of a theft. All but three were fitted by `npm run evaluate -- --fit` to simulated users and thefts,
 * none of which are in those that the evaluation judges by.
 */
export const WEIGHTS = {
  /** Before anything is known. */
  prior: -8.55,
  /** For each bit by which something is less likely of this user than of any. */
  surprise: { country: 0, place: 0.43, network: 0.01, address: 0.14, device: 0.5, move: 0.85, hour: 0.73 },
  /** For each bit by which it is more likely. */
  familiar: { country: 0, place: 0.15, network: 0.33, address: 1.44, device: 0, move: 0, hour: 0.04 },
  signals: {
    'impossible-travel': 3.18,
    'new-country': 1.94,
    'new-network': 3.83,
    'new-device': 0.57,
    'user-agent-changed': 2.27,
    'moved-to-new-network': 2.65,
    'moved-to-new-address': 0.37,
    moved: 0,
    'browser-updated': 0,
    'parallel-use': 0,
    'parallel-use-far': 0.3,
    'unusual-hour': 0.83,
  },
} as const
