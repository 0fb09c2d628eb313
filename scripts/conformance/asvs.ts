/** A requirement of a standard, in our own words. */
export interface Requirement {
  readonly number: string
  /** ASVS: its level; NIST: how strongly it is said. */
  readonly strength: string
  readonly asks: string
  /** Whose part it is. */
  readonly whose: 'library' | 'application' | 'both'
  readonly answer: string
  /** Rows of the first table that show it. */
  readonly rows?: readonly number[]
  /** Tests and documents besides, from the root. */
  readonly files?: readonly string[]
}

/** OWASP ASVS 5.0.0, chapter 7, whole. */
export const asvs7: readonly Requirement[] = [
  {
    number: '7.1.1',
    strength: 'L2',
    asks: 'Idle and absolute timeout are written down, fit the rest, and a departure from NIST is explained',
    whose: 'both',
    answer:
      'The defaults, 30 minutes and 24 hours, stay within AAL2; presets for each level. What an application sets it has to explain',
    rows: [34],
    files: ['README.md#timeouts', 'test/conformance/nist.test.ts'],
  },
  {
    number: '7.1.2',
    strength: 'L2',
    asks: 'It is written down how many sessions an account may have at once, and what happens beyond',
    whose: 'both',
    answer: '`sessionsPerUser` states both; no limit unless it is set',
    rows: [26],
    files: ['README.md#your-devices'],
  },
  {
    number: '7.1.3',
    strength: 'L2',
    asks: 'Systems of a single sign-on, and how lifetimes and ends go together, are written down',
    whose: 'application',
    answer: 'What this library does of it is described',
    files: ['docs/single-sign-out.md'],
  },
  {
    number: '7.2.1',
    strength: 'L1',
    asks: 'Tokens are verified by a backend that is trusted',
    whose: 'library',
    answer: 'On the server alone: a browser is given nothing that it could verify or change',
    rows: [8, 36, 46, 64],
  },
  {
    number: '7.2.2',
    strength: 'L1',
    asks: 'Tokens are made for each session, no static keys',
    whose: 'library',
    answer: 'A token or a seal of its own for each',
    rows: [1, 11, 68],
  },
  {
    number: '7.2.3',
    strength: 'L1',
    asks: 'Reference tokens are unique, random, and have at least 128 bits',
    whose: 'library',
    answer: '256 bits of the system’s generator',
    rows: [1, 3, 10],
  },
  {
    number: '7.2.4',
    strength: 'L1',
    asks: 'A new token at every authentication, repeated ones too, and an end of the one before',
    whose: 'library',
    answer: '`signIn` and `reauthenticate`. With sealed cookies alone the one before is replaced, not ended',
    rows: [11, 13, 14, 87, 91],
  },
  {
    number: '7.3.1',
    strength: 'L2',
    asks: 'An idle timeout, as the risk asks',
    whose: 'both',
    answer: '`idleTimeout`; how long is for the application to say',
    rows: [31, 33, 35, 37, 38],
  },
  {
    number: '7.3.2',
    strength: 'L2',
    asks: 'An absolute lifetime, as the risk asks',
    whose: 'both',
    answer: '`absoluteTimeout`; there always is one',
    rows: [32, 34, 35, 37],
  },
  {
    number: '7.4.1',
    strength: 'L1',
    asks: 'What has ended is of no use any more; self-contained tokens need a list, a date per user or a key per user',
    whose: 'library',
    answer:
      'At once in a strong store; with `revocations` within a bound, by marks for a session and a date for a user. **Sealed cookies alone do not meet it**',
    rows: [15, 16, 20, 21, 25, 31, 32],
    files: ['docs/sealed-cookies.md', 'docs/revocation.md#the-bound'],
  },
  {
    number: '7.4.2',
    strength: 'L1',
    asks: 'All sessions end when an account is disabled or deleted',
    whose: 'both',
    answer: '`users.revokeAll(userId)`, which the application calls then',
    rows: [22],
  },
  {
    number: '7.4.3',
    strength: 'L2',
    asks: 'After a change of a factor all other sessions can be ended',
    whose: 'both',
    answer: '`users.revokeAll(userId, { except: session })`, which the application offers then',
    rows: [23],
    files: ['test/demo.workerd.test.ts'],
  },
  {
    number: '7.4.4',
    strength: 'L2',
    asks: 'Every page for signed-in users shows how to sign out',
    whose: 'application',
    answer: 'The demo does',
    files: ['test/wstg.node.test.ts'],
  },
  {
    number: '7.4.5',
    strength: 'L2',
    asks: 'Administrators can end the sessions of one user, or of all',
    whose: 'both',
    answer: 'Of one: `users.revokeAll`. Of all: drop the secret',
    rows: [22, 73],
    files: ['docs/secrets.md#rotating-it'],
  },
  {
    number: '7.5.1',
    strength: 'L2',
    asks: 'A full authentication before an address, a factor or what recovers an account is changed',
    whose: 'both',
    answer: '`requireFresh` in front of those pages, `reauthenticate` after it; half a sign-in opens nothing',
    rows: [28, 30],
    files: ['docs/step-up.md#step-up', 'test/demo.node.test.ts'],
  },
  {
    number: '7.5.2',
    strength: 'L2',
    asks: 'Users see their sessions and, having authenticated again, end any of them',
    whose: 'both',
    answer:
      '`users.list` and `users.revoke`, behind `requireFresh`, as the demo’s devices. Without a store there is no list',
    rows: [24, 28],
    files: ['test/demo.workerd.test.ts', 'README.md#your-devices'],
  },
  {
    number: '7.5.3',
    strength: 'L3',
    asks: 'Another authentication or confirmation before what is highly sensitive',
    whose: 'both',
    answer: '`requireFresh({ maxAge, acr })`, and challenges that count once where there is a store',
    rows: [28, 30],
    files: ['test/hono/require-fresh.test.ts', 'test/session/challenge.test.ts'],
  },
  {
    number: '7.6.1',
    strength: 'L2',
    asks: 'Sessions here and at the identity provider live and end as is written down',
    whose: 'both',
    answer:
      'Back-channel, front-channel and RP-initiated logout end them; lifetimes are apart, each with its own absolute timeout. `max_age` towards the provider is the OpenID client’s',
    rows: [32],
    files: ['docs/single-sign-out.md', 'test/oidc/single-sign-out.node.test.ts'],
  },
  {
    number: '7.6.2',
    strength: 'L2',
    asks: 'No session begins without a consent or an action of the user',
    whose: 'both',
    answer:
      'Only `signIn` makes somebody signed in; a visit alone makes nothing, another site’s request no data',
    rows: [60, 96],
  },
]

/** The same, chapter 9, whole: for sealed cookies, and for access tokens of `wafer-session/jwt`. */
export const asvs9: readonly Requirement[] = [
  {
    number: '9.1.1',
    strength: 'L1',
    asks: 'Signature or MAC are checked before the content counts',
    whose: 'library',
    answer: 'Nothing is parsed before its tag was right',
    rows: [64, 78],
    files: ['test/jwt/verify-access-token.test.ts'],
  },
  {
    number: '9.1.2',
    strength: 'L1',
    asks: 'Algorithms are on a list, without `none`; symmetric and asymmetric ones are not confused',
    whose: 'library',
    answer:
      'Cookies: the version is the algorithm. Access tokens: asymmetric ones alone, a key with its own only',
    rows: [65, 69],
    files: ['test/jwt/verify-access-token.test.ts'],
  },
  {
    number: '9.1.3',
    strength: 'L1',
    asks: 'Keys come from where they were configured, not from the token',
    whose: 'library',
    answer: 'A key id is an index; `jwk`, `jku`, `x5u` and `x5c` are not followed',
    rows: [66, 76],
    files: ['test/jwt/verify-access-token.test.ts'],
  },
  {
    number: '9.2.1',
    strength: 'L1',
    asks: 'A token counts within its time only',
    whose: 'library',
    answer: 'Deadlines are inside the seal; `exp` must be there, `nbf` and `iat` count',
    rows: [35, 37, 38, 40],
    files: ['test/jwt/verify-access-token.test.ts'],
  },
  {
    number: '9.2.2',
    strength: 'L2',
    asks: 'A token is of the type, and for the purpose, that it is taken for',
    whose: 'library',
    answer: 'A purpose in the key and in the seal; `typ` is `at+jwt`, or `logout+jwt`',
    rows: [67, 74],
    files: ['test/jwt/verify-access-token.test.ts', 'test/oidc/logout-token.test.ts'],
  },
  {
    number: '9.2.3',
    strength: 'L2',
    asks: 'A service takes tokens that are meant for it',
    whose: 'library',
    answer: 'One secret per application, and the cookie’s name in the key; `aud` must be one’s own',
    rows: [67],
    files: ['test/jwt/verify-access-token.test.ts'],
  },
  {
    number: '9.2.4',
    strength: 'L2',
    asks: 'An issuer with one key for several audiences names the audience in its tokens',
    whose: 'both',
    answer: 'No token is issued without `audience`; which ones there are is for the application to say',
    files: ['test/jwt/token-issuer.test.ts', 'docs/jwt.md'],
  },
]
