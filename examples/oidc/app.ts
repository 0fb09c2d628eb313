import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { html } from 'hono/html'
import * as client from 'openid-client'
import type { SessionManager } from 'wafer-session'
import { type SessionEnv, session } from 'wafer-session/hono'
import { backchannelLogout, endSessionUrl } from 'wafer-session/oidc'

export interface RelyingPartyOptions {
  /** What browsers and the provider know the application by, such as `https://shop.example`. */
  readonly origin: string
  /** The provider. */
  readonly issuer: string
  /** What the application is called there, and its password. */
  readonly clientId: string
  readonly clientSecret: string
  /** With a store or revocations: a logout at the provider comes without any cookie. */
  readonly sessions: SessionManager
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: () => number
}

// What waits in the session while the user is at the provider.
const STATE = 'oidc:state'
const NONCE = 'oidc:nonce'
const VERIFIER = 'oidc:verifier'

/** An application whose users sign in at an OpenID provider, and are signed out when they sign out there. */
export async function relyingParty(options: RelyingPartyOptions): Promise<Hono<SessionEnv>> {
  const { origin, issuer, clientId, clientSecret, sessions, clock } = options
  const redirectUri = `${origin}/callback`
  const provider = await client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    execute: issuer.startsWith('http://localhost:') ? [client.allowInsecureRequests] : [],
  })
  const app = new Hono<SessionEnv>()

  // The provider's own request, from its server: no cookie, no Origin, so before csrf() and session(). What makes it
  // trustworthy is the signature of the token in it.
  const logout = backchannelLogout({ issuer, clientId, sessions, clock })
  app.post('/logout/backchannel', (c) => logout(c.req.raw))

  app.use(csrf())
  app.use(session(sessions))

  app.get('/', (c) => {
    const { userId } = c.var.session
    if (userId === undefined) return c.html(page('Hello stranger', form('/sign-in', 'Sign in')))
    return c.html(page(`Hello ${userId}`, form('/sign-out', 'Sign out')))
  })

  // To the provider, with three values that only this session knows: each is good for five minutes, and once.
  app.post('/sign-in', async (c) => {
    const { challenge } = c.var.session
    const verifier = challenge.put(VERIFIER, { value: client.randomPKCECodeVerifier() })
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: 'openid',
      state: challenge.put(STATE),
      nonce: challenge.put(NONCE),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    return c.redirect(url.href, 303)
  })

  // And back, with a code for an ID token.
  app.get('/callback', async (c) => {
    const { challenge } = c.var.session
    // First of all, so that no second answer has them, whatever becomes of this one.
    const [state, nonce, verifier] = [
      await challenge.take(STATE),
      await challenge.take(NONCE),
      await challenge.take(VERIFIER),
    ]
    if (!state || !nonce || !verifier)
      return c.text('Nobody asked, or too long ago. Please start again.', 400)
    const answer = new URL(redirectUri + new URL(c.req.url).search)
    const tokens = await client
      .authorizationCodeGrant(provider, answer, {
        expectedState: state.value,
        expectedNonce: nonce.value,
        pkceCodeVerifier: verifier.value,
        idTokenExpected: true,
      })
      .catch(() => null)
    const claims = tokens?.claims()
    if (!claims) return c.text('The provider did not sign you in.', 400)

    // The names by which a logout at the provider finds this session, and the ID token for a logout that begins here: it
    // is kept on the server, as it would not fit into the cookie.
    const { iss, sub } = claims
    const sid = typeof claims.sid === 'string' ? claims.sid : undefined
    c.var.session.signIn(sub, { oidc: { iss, sub, sid, idToken: tokens?.id_token } })
    return c.redirect('/', 303)
  })

  // Out here, and then out at the provider, which tells every other application.
  app.post('/sign-out', async (c) => {
    const url = await endSessionUrl(c.var.session, {
      endSessionEndpoint: provider.serverMetadata().end_session_endpoint,
      clientId,
      postLogoutRedirectUri: `${origin}/signed-out`,
    })
    c.var.session.signOut()
    return c.redirect(url.href, 303)
  })
  app.get('/signed-out', (c) => c.html(page('Goodbye', html`<a href="/">Home</a>`)))

  return app
}

type Html = ReturnType<typeof html>

function form(action: string, text: string): Html {
  return html`<form method="post" action="${action}"><button>${text}</button></form>`
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8">
      <title>${title}</title>
      <h1>${title}</h1>
      ${content}
    </html>`
}
