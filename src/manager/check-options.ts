import type { CookieOptions } from '../cookie/serialize.ts'
import type { BindingOptions } from '../session/binding.ts'
import type { Timeouts } from '../session/lifecycle.ts'
import type { SessionLimit, SessionManagerOptions } from './options.ts'

/** What each option is: a `typeof`, the words to choose from, or nothing where it is looked at elsewhere. */
type Kinds<Options> = Record<keyof Options, string | readonly string[]>

const OPTIONS: Kinds<SessionManagerOptions> = {
  secret: '',
  cookie: 'object',
  idleTimeout: 'number',
  absoluteTimeout: 'number',
  remember: 'object',
  maxChunks: 'number',
  store: 'object',
  revocations: 'object',
  revocationMaxAge: 'number',
  renewalTimeout: 'number',
  renewalGrace: 'number',
  onReuse: ['end', 'report'],
  sessionsPerUser: 'object',
  binding: 'object',
  storeTimeout: 'number',
  onStoreError: ['fail', 'anonymous'],
  schema: '',
  migrate: 'function',
  onEvent: 'function',
  monitor: 'object',
  clock: 'function',
}

const COOKIE: Kinds<CookieOptions> = {
  name: 'string',
  domain: 'string',
  path: 'string',
  sameSite: '',
  secure: 'boolean',
  partitioned: 'boolean',
}

const REMEMBER: Kinds<Timeouts> = { idleTimeout: 'number', absoluteTimeout: 'number' }

const LIMIT: Kinds<SessionLimit> = { max: 'number', onExceed: ['reject', 'evict'] }

const ACTION = ['report', 'end']
const BINDING: Kinds<BindingOptions> = {
  userAgent: ACTION,
  clientHints: ACTION,
  address: ACTION,
  network: ACTION,
  custom: 'object',
}

/**
 * A misspelt option must not leave the default in place without a word.
 *
 * @throws {TypeError} With a sentence that says what to do.
 */
export function checkOptions(options: Omit<SessionManagerOptions<object>, 'secret'>): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createSessionManager(options) wants an object.')
  }
  checkKinds('', options, OPTIONS)
  checkKinds('cookie.', options.cookie, COOKIE)
  checkKinds('remember.', options.remember, REMEMBER)
  checkKinds('sessionsPerUser.', options.sessionsPerUser, LIMIT)
  checkKinds('binding.', options.binding, BINDING)
  checkKinds('binding.custom.', options.binding?.custom, { value: 'function', action: ACTION })
}

function checkKinds(prefix: string, options: object = {}, kinds: Kinds<object>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      throw new TypeError(`Unknown option ${prefix}${name}. There are: ${Object.keys(kinds).join(', ')}.`)
    }
    if (value !== undefined) checkKind(prefix + name, value, (kinds as Record<string, string>)[name] ?? '')
  }
}

function checkKind(name: string, value: unknown, kind: string | readonly string[]): void {
  if (typeof kind !== 'string') {
    if (!kind.includes(value as string)) throw new TypeError(`${name} must be '${kind.join("' or '")}'.`)
  } else if (kind !== '' && (value === null || typeof value !== kind)) {
    throw new TypeError(`${name} must be ${kind === 'object' ? 'an' : 'a'} ${kind}.`)
  }
}
