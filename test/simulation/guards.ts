import type { Setting } from './world/setting.ts'

/** One exact snippet of the sources and what takes its place. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** What each guard is for, and how the sources look without it. */
export interface Guard {
  readonly sentence: string
  readonly edits: readonly Edit[]
  /** Where it soon shows that it is gone. */
  readonly where: Partial<Setting>
  /** The invariants of which one falls. */
  readonly breaks: readonly string[]
}

export const GUARDS: Readonly<Record<string, Guard>> = {
  cas: {
    sentence: 'update() of the store writes over any version.',
    edits: [
      {
        file: 'src/stores/memory.ts',
        find: 'if (entry?.version !== version) return null',
        replace: 'if (!entry) return null',
      },
    ],
    where: { mode: 'store' },
    breaks: ['no-lost-write', 'one-winner-per-renewal', 'ended-stays-ended', 'old-ids-are-dead'],
  },
  'end-check': {
    sentence: 'What ends is not looked at again when another request wrote first.',
    edits: [
      {
        file: 'src/manager/end-session.ts',
        find: 'const next = removed ? successorOf(found) : found.handle',
        replace: 'const next = removed ? successorOf(found) : undefined',
      },
    ],
    where: { mode: 'store', theme: 'ends', thieves: 1, lostResponses: 200, atOnce: 4 },
    breaks: ['ended-stays-ended', 'second-factors-count-once'],
  },
  marks: {
    sentence: 'A check of the marks lets everybody go on.',
    edits: [
      {
        file: 'src/manager/cookie-backend.ts',
        find: `if (standing === 'revoked') return {`,
        replace: `if (standing === 'revoked' && now < 0) return {`,
      },
    ],
    where: { mode: 'sealed-marks', theme: 'ends' },
    breaks: ['ended-stays-ended'],
  },
  'mark-growth': {
    sentence: 'A lower mark takes the place of a higher one.',
    edits: [
      {
        file: 'src/manager/revocations.ts',
        find: 'if (time >= notBefore) return false',
        replace: '',
      },
    ],
    where: { mode: 'sealed-marks', theme: 'ends', thieves: 1 },
    breaks: ['ended-stays-ended'],
  },
  grace: {
    sentence: 'The token before works for ever.',
    edits: [
      {
        file: 'src/manager/renewal.ts',
        find: `return toSeconds(now) - previous.replacedAt <= renewal.grace ? 'previous' : 'reused'`,
        replace: `return now > 0 ? 'previous' : 'reused'`,
      },
    ],
    where: { mode: 'store', theme: 'renewals', thieves: 1, requests: 28, faults: 0, onReuse: 'end' },
    breaks: ['copies-are-found'],
  },
  'no-grace': {
    sentence: 'The token before is over at once.',
    edits: [
      {
        file: 'src/manager/renewal.ts',
        find: `return toSeconds(now) - previous.replacedAt <= renewal.grace ? 'previous' : 'reused'`,
        replace: `return now > 0 ? 'reused' : 'previous'`,
      },
    ],
    where: { mode: 'store', theme: 'renewals', thieves: 0, atOnce: 4 },
    breaks: ['honest-users-stay', 'untrusted-input-never-throws'],
  },
  reuse: {
    sentence: 'A token used twice has no consequence.',
    edits: [
      {
        file: 'src/manager/store-backend.ts',
        find: `return { reason: 'reused', handle, userId, verdict: () => this.#endReused(found, token, now) }`,
        replace: `return { reason: 'reused', handle, userId }`,
      },
    ],
    where: { mode: 'store', theme: 'renewals', thieves: 1, requests: 28, faults: 0, onReuse: 'end' },
    breaks: ['copies-are-found', 'ended-stays-ended'],
  },
  'name-binding': {
    sentence: 'Neither a token nor a seal knows the name of its cookie.',
    edits: [
      {
        file: 'src/crypto/session-token.ts',
        find: 'const message = concat(lengthPrefixed(cookieName), handle, token)',
        replace: `const message = concat(lengthPrefixed(cookieName && ''), handle, token)`,
      },
      {
        file: 'src/crypto/keyring.ts',
        find: 'lengthPrefixed(purpose, cookieName, storeKey)',
        replace: `lengthPrefixed(purpose, cookieName && '', storeKey)`,
      },
      {
        file: 'src/crypto/keyring.ts',
        find: 'lengthPrefixed(context.purpose, context.cookieName)',
        replace: 'lengthPrefixed(context.purpose)',
      },
    ],
    where: {},
    breaks: ['no-stranger'],
  },
  absolute: {
    sentence: 'The absolute timeout does not count.',
    edits: [
      {
        file: 'src/session/lifecycle.ts',
        find: `if (seconds >= absoluteExpiresAt) return 'absolute-timeout'`,
        replace: '',
      },
      {
        file: 'src/session/lifecycle.ts',
        find: 'Math.min(record.idleExpiresAt, record.lastSeenAt + idleTimeout, absoluteExpiresAt)',
        replace: 'Math.min(record.idleExpiresAt, record.lastSeenAt + idleTimeout)',
      },
      {
        file: 'src/session/lifecycle.ts',
        find: 'Math.min(lastSeenAt + idleTimeout, record.absoluteExpiresAt)',
        replace: 'lastSeenAt + idleTimeout',
      },
    ],
    where: { theme: 'long' },
    breaks: ['timeouts-hold'],
  },
  idle: {
    sentence: 'The idle timeout does not count.',
    edits: [
      {
        file: 'src/session/lifecycle.ts',
        find: `if (seconds >= idleExpiresAt) return 'idle-timeout'`,
        replace: '',
      },
    ],
    where: {},
    breaks: ['timeouts-hold'],
  },
  claim: {
    sentence: 'Nobody notes that a challenge was taken.',
    edits: [
      {
        file: 'src/session/session-challenge.ts',
        find: 'return !singleUse || (await this.#backstage.claim(nameOf(found), expiresAt * 1000))',
        replace: 'return expiresAt > 0',
      },
    ],
    where: { mode: 'store', theme: 'challenges' },
    breaks: ['challenges-are-taken-once'],
  },
  undoing: {
    sentence: 'What a failed request created stays.',
    edits: [
      {
        file: 'src/manager/save-stored.ts',
        find: 'await shelf.delete(created).catch(() => {})',
        replace: '',
      },
    ],
    where: { mode: 'store' },
    breaks: ['limits-hold'],
  },
  'old-ids': {
    sentence: 'A new id leaves the record of the one before as it is.',
    edits: [
      {
        file: 'src/manager/save-stored.ts',
        find: 'for (let tries = 0; !(await shelf.bury(old, born.found.handle)); tries++) {',
        replace: 'for (let tries = 0; tries < 0; tries++) {',
      },
    ],
    where: { mode: 'store' },
    breaks: ['old-ids-are-dead', 'no-lost-write'],
  },
  rebase: {
    sentence: 'A write that lost is taken for done.',
    edits: [
      {
        file: 'src/manager/save-stored.ts',
        find: 'if (!due.changed) return { held: current, snapshot: null, cookie: null }',
        replace: 'if (due) return { held: current, snapshot: null, cookie: null }',
      },
    ],
    where: { mode: 'store' },
    breaks: ['no-lost-write'],
  },
  'check-time': {
    sentence: 'A check of the marks counts for ever.',
    edits: [
      {
        file: 'src/manager/revocations.ts',
        find: 'return user !== undefined && (age >= this.#options.revocationMaxAge || age < 0)',
        replace: 'return user !== undefined && age < 0',
      },
    ],
    where: { mode: 'sealed-marks', theme: 'ends' },
    breaks: ['ended-stays-ended'],
  },
}
