/**
 * In bits of the odds of a theft. All but three were fitted by `npm run evaluate -- --fit` to simulated users and thefts,
 * none of which are in those that the evaluation judges by.
 */
export const WEIGHTS = {
  /** Before anything is known. */
  prior: -9,
  /** For each bit of surprise. */
  surprise: { country: 0.3, place: 0.3, network: 0.5, address: 0.3, device: 0.5, hour: 0.3 },
  signals: {
    'impossible-travel': 3,
    'new-country': 3,
    'new-network': 1.5,
    'new-device': 2,
    'user-agent-changed': 5,
    'moved-to-new-network': 3,
    'moved-to-new-address': 1,
    'parallel-use': 3,
    'parallel-use-far': 4,
    'unusual-hour': 1,
  },
} as const
