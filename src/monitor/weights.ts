/**
 * In bits of the odds of a theft. All but three were fitted by `npm run evaluate -- --fit` to simulated users and thefts,
 * none of which are in those that the evaluation judges by.
 */
export const WEIGHTS = {
  /** Before anything is known. */
  prior: -4.9,
  /** For each bit by which something is less likely of this user than of any. */
  surprise: { country: 0, place: 0.12, network: 0.32, address: 0, device: 0.48, move: 0.35, hour: 0.33 },
  /** For each bit by which it is more likely. */
  familiar: { country: 0, place: 0, network: 0, address: 0.82, device: 0, move: 0, hour: 0 },
  signals: {
    'impossible-travel': 1.81,
    'new-country': 2.2,
    'new-network': 1.25,
    'new-device': 0.35,
    'user-agent-changed': 0,
    'moved-to-new-network': 2.15,
    'moved-to-new-address': 5,
    moved: 0,
    'client-changed': 2.94,
    'browser-updated': 0,
    'parallel-use': 5,
    'parallel-use-far': 5,
    'unusual-hour': 1.26,
  },
} as const
