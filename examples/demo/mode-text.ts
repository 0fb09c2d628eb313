import type { Mode } from './sessions.ts'

interface ModeText {
  /** Follows "All that this shop remembers is". */
  readonly where: (cookieBytes: number) => string
  readonly short: string
  readonly promise: string
  readonly cookie: string
  readonly devices: string
  readonly signedOut: string
}

const TOKEN = 'This one is an id and a random token, signed.'

/** What the pages say about where a session is kept. */
export const modeText: Record<Mode, ModeText> = {
  sealed: {
    where: (bytes) => `in one sealed cookie of ${bytes} bytes. KV knows only which sessions were ended.`,
    short: 'sealed in the cookie',
    promise: 'The shop keeps none of it: your browser does, in a cookie that only this Worker can open.',
    cookie: 'All of it is encrypted.',
    devices:
      'Each session is sealed in its own browser, so this shop has no list of them. It can end the others all ' +
      'the same, within two minutes; where it matters, within one.',
    signedOut:
      'The cookie is gone from this browser, and with it all that this shop knew about you. A copy of it opens ' +
      'nothing after two minutes.',
  },
  kv: {
    where: (bytes) => `sealed in Workers KV. Your cookie of ${bytes} bytes is the key to it.`,
    short: 'sealed in Workers KV',
    promise: 'The shop keeps it sealed, in Workers KV; your browser has the key to it, and nothing else.',
    cookie: TOKEN,
    devices: 'Everywhere you are signed in. KV may be a minute late, here and with what you sign out.',
    signedOut:
      'All that this shop knew about you is gone, and so is the cookie. In another part of the world it may take ' +
      'a minute.',
  },
  'durable-object': {
    where: (bytes) => `sealed in a Durable Object. Your cookie of ${bytes} bytes is the key to it.`,
    short: 'sealed in a Durable Object',
    promise:
      'The shop keeps it sealed, in a Durable Object; your browser has the key to it, and nothing else.',
    cookie: TOKEN,
    devices: 'Everywhere you are signed in at this moment. What you sign out here is signed out at once.',
    signedOut: 'All that this shop knew about you is gone, and so is the cookie.',
  },
}
