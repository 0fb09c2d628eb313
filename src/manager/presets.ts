import type { Timeouts } from '../session/lifecycle.ts'

/** NIST SP 800-63B-4 §2.1.3: at most 30 days from authentication; no inactivity limit is asked for. */
export const aal1: Timeouts = { idleTimeout: 2_592_000, absoluteTimeout: 2_592_000 }

/** NIST SP 800-63B-4 §2.2.3: at most 24 hours from authentication, 1 hour of inactivity. */
export const aal2: Timeouts = { idleTimeout: 3600, absoluteTimeout: 86_400 }

/** NIST SP 800-63B-4 §2.3.3: at most 12 hours from authentication, 15 minutes of inactivity. */
export const aal3: Timeouts = { idleTimeout: 900, absoluteTimeout: 43_200 }
