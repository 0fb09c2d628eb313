/// <reference path="./oidc-provider.d.ts" />
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair } from 'jose'
import Provider, { type KoaContext } from 'oidc-provider'
import { generateSecret } from 'wafer-session'

/** An application that signs its users in here. */
export interface Client {
  readonly id: string
  readonly secret: string
  /** Such as `http://localhost:3000`. */
  readonly origin: string
}

export interface ProviderOptions {
  readonly port: number
  readonly clients: readonly Client[]
  /** Is told what went wrong with a logout at an application. */
  readonly onError?: (error: Error) => void
}

export interface StartedProvider {
  readonly issuer: string
  stop(): Promise<void>
}

const HOUR = 3600

/**
 * An OpenID provider to try out relying parties with: it believes everyone who they say they are. All it knows is in
 * memory, its key too.
 */
export async function startProvider({ port, clients, onError }: ProviderOptions): Promise<StartedProvider> {
  const issuer = `http://localhost:${port}`
  const provider = new Provider(issuer, {
    clients: clients.map(registration),
    jwks: { keys: [await signingKey()] },
    cookies: { keys: [generateSecret()] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: logoutPage, postLogoutSuccessSource: signedOutPage },
    },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    loadExistingGrant: grantFor, // Nobody is asked whether their own applications may know who they are.
    // Its own refuses loopback addresses, and with them every application of this example.
    fetch: (url: URL, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown }) => fetch(url, init),
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: 60,
      Grant: HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      Session: HOUR,
    },
  })
  provider.on('backchannel.error', (_, error) => onError?.(error))
  provider.on('server_error', (_, error) => onError?.(error))

  const answer = provider.callback()
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/')) void signInForm(provider, request, response)
    else answer(request, response)
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    issuer,
    async stop() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

/** What an application tells the provider of itself, once. */
function registration({ id, secret, origin }: Client) {
  return {
    client_id: id,
    client_secret: secret,
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
    backchannel_logout_uri: `${origin}/logout/backchannel`,
    backchannel_logout_session_required: true, // Else neither token has a sid, and all sessions of the user end.
  }
}

async function signingKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: 'first', alg: 'RS256', use: 'sig' }
}

async function grantFor({ oidc: { client, session, provider } }: KoaContext) {
  const { clientId } = client
  const grantId = session.grantIdFor(clientId)
  if (grantId !== undefined) return provider.Grant.find(grantId)
  const grant = new provider.Grant({ clientId, accountId: session.accountId })
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}

/** Who the user is: anyone, with any password. */
async function signInForm(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  const login = request.method === 'POST' ? new URLSearchParams(await text(request)).get('login') : null
  if (login !== null) {
    return provider.interactionFinished(request, response, { login: { accountId: login } }).catch(() => {
      response.writeHead(400).end('Start again, please.')
    })
  }
  response.setHeader('Content-Type', 'text/html')
  response.end(
    page(
      'The provider',
      `<form method="post"><label>Name <input name="login" required></label>
       <label>Password <input name="password" type="password" required></label> <button>Sign in</button></form>`,
    ),
  )
}

/** @param form Of the provider, with its protection against forgery. */
function logoutPage(ctx: KoaContext, form: string): void {
  ctx.body = page(
    'Sign out everywhere?',
    `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
  )
}

function signedOutPage(ctx: KoaContext): void {
  ctx.body = page('Signed out', '<p>Here, and at every application.</p>')
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${content}</html>`
}
