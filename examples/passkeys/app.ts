import { readFileSync } from 'node:fs'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { secureHeaders } from 'hono/secure-headers'
import type { SessionManager } from 'wafer-session'
import { requireFresh, requireUser, returnPath, type SessionEnv, session } from 'wafer-session/hono'
import { Ceremonies } from './ceremonies.ts'
import { homePage, passkeysPage, stepUpPage } from './pages.ts'
import { type Passkey, People, type User } from './people.ts'

/** Who is making an account, until their first passkey is there. */
export interface Data {
  newcomer?: User
}

export interface PasskeyAppOptions {
  /** What browsers know the site by, such as `https://example.com`; passkeys are bound to its host. */
  readonly origin: string
  /** With a store or revocations, whose writes compare: else an answer could be given twice, with an older cookie. */
  readonly sessions: SessionManager<Data>
}

/** What a challenge is for: an answer to one ceremony is none to another. */
const CREATE = 'passkey:create'
const ADD = 'passkey:add'
const GET = 'passkey:get'
const STEP_UP = 'passkey:step-up'

const TOO_LATE = 'This was not asked, or too long ago, or answered before. Please try again.'
const NOT_ACCEPTED = 'This passkey was not accepted.'

const SCRIPT = readFileSync(new URL('./ceremony.js', import.meta.url), 'utf8')

export function passkeyApp({ origin, sessions }: PasskeyAppOptions): Hono<SessionEnv<Data>> {
  const people = new People()
  const ceremonies = new Ceremonies(origin, people)
  const app = new Hono<SessionEnv<Data>>()

  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'self'"], frameAncestors: ["'none'"] } }))
  app.use(bodyLimit({ maxSize: 65_536 }))
  app.use(csrf())
  app.use(session<Data>(sessions))

  app.get('/', (c) => c.html(homePage(c.var.session, people.user(c.var.session.userId))))
  app.get('/ceremony.js', (c) => c.body(SCRIPT, 200, { 'Content-Type': 'text/javascript' }))

  // A new account, with its first passkey.

  app.post('/register/options', async (c) => {
    const { name } = await jsonOf<{ name?: unknown }>(c)
    if (typeof name !== 'string' || name.trim() === '' || name.length > 64) return c.text('Who are you?', 400)
    const id = crypto.getRandomValues(new Uint8Array(32))
    const newcomer = { id: Buffer.from(id).toString('base64url'), name: name.trim() }
    c.var.session.data.newcomer = newcomer
    const options = await ceremonies.askForNewPasskey(newcomer)
    c.var.session.challenge.put(CREATE, { value: options.challenge })
    return c.json(options)
  })

  app.post('/register', async (c) => {
    const { session } = c.var
    // First of all, so that no second answer has it, whatever becomes of this one.
    const asked = await session.challenge.take(CREATE)
    const { newcomer } = session.data
    if (asked === undefined || newcomer === undefined) return c.text(TOO_LATE, 400)
    const passkey = await ceremonies.newPasskey(
      await jsonOf<RegistrationResponseJSON>(c),
      asked.value,
      newcomer,
    )
    if (passkey === null) return c.text(NOT_ACCEPTED, 400)
    people.add(newcomer, passkey)
    session.signIn(newcomer.id, assurance(passkey, true))
    return c.json({})
  })

  // Signing in. Nobody has to say who they are: the authenticator knows which passkeys it has for this site.

  app.post('/sign-in/options', async (c) => {
    const options = await ceremonies.askForAnyPasskey()
    c.var.session.challenge.put(GET, { value: options.challenge })
    return c.json(options)
  })

  app.post('/sign-in', async (c) => {
    const { session } = c.var
    const asked = await session.challenge.take(GET)
    if (asked === undefined) return c.text(TOO_LATE, 400)
    const used = await ceremonies.usedPasskey(await jsonOf<AuthenticationResponseJSON>(c), asked.value, {
      requireUserVerification: false,
    })
    if (used === null) return c.text(NOT_ACCEPTED, 400)
    session.signIn(used.passkey.userId, assurance(used.passkey, used.userVerified))
    return c.json({})
  })

  app.post('/sign-out', (c) => {
    c.var.session.signOut()
    return c.redirect('/', 303)
  })

  // Step-up: the same person once more, and the authenticator says that it looked, by a PIN, a finger or a face.

  app.get('/step-up', requireUser(), (c) => c.html(stepUpPage(returnPath(c.req.query('return_to')))))

  app.post('/step-up/options', requireUser(), async (c) => {
    const options = await ceremonies.askForPasskeyOf(c.var.session.userId)
    c.var.session.challenge.put(STEP_UP, { value: options.challenge })
    return c.json(options)
  })

  app.post('/step-up', requireUser(), async (c) => {
    const { session } = c.var
    const asked = await session.challenge.take(STEP_UP)
    if (asked === undefined) return c.text(TOO_LATE, 400)
    const used = await ceremonies.usedPasskey(await jsonOf<AuthenticationResponseJSON>(c), asked.value, {
      requireUserVerification: true,
    })
    if (used?.passkey.userId !== session.userId) return c.text(NOT_ACCEPTED, 400)
    session.reauthenticate(assurance(used.passkey, true))
    return c.json({})
  })

  // Whoever adds a passkey can come back with it: a session that was left open must not be enough.

  app.use('/passkeys/*', requireFresh({ acr: 'aal2', maxAge: 300, redirectTo: '/step-up' }))

  app.get('/passkeys', (c) => c.html(passkeysPage(people.passkeysOf(c.var.session.userId))))

  app.post('/passkeys/options', async (c) => {
    const user = people.user(c.var.session.userId)
    if (user === undefined) return c.notFound()
    const options = await ceremonies.askForNewPasskey(user)
    c.var.session.challenge.put(ADD, { value: options.challenge })
    return c.json(options)
  })

  app.post('/passkeys', async (c) => {
    const { session } = c.var
    const asked = await session.challenge.take(ADD)
    const user = people.user(session.userId)
    if (asked === undefined || user === undefined) return c.text(TOO_LATE, 400)
    const passkey = await ceremonies.newPasskey(await jsonOf<RegistrationResponseJSON>(c), asked.value, user)
    if (passkey === null) return c.text(NOT_ACCEPTED, 400)
    people.add(user, passkey)
    return c.json({})
  })

  return app
}

/** How sure a passkey makes: RFC 8176, and the levels of NIST SP 800-63B-4. Without attestation it is the authenticator's word. */
function assurance({ deviceType }: Passkey, userVerified: boolean) {
  const key = deviceType === 'singleDevice' ? 'hwk' : 'swk'
  return userVerified
    ? { amr: [key, 'user', 'mfa'], acr: 'aal2' } // The key, and a PIN, a finger or a face.
    : { amr: [key, 'user'], acr: 'aal1' }
}

/** What a client sent as JSON; that it is what it should be is for others to find out. */
async function jsonOf<Json extends object>(c: Context): Promise<Partial<Json> & Json> {
  const json: unknown = await c.req.json().catch(() => null)
  return (typeof json === 'object' && json !== null ? json : {}) as Json
}
