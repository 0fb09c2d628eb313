import { SessionError } from '../errors.ts'
import { remoteDocuments } from '../remote/remote-document.ts'
import { securely } from '../remote/secure-url.ts'
import { isPlain } from '../session/json.ts'

/** What a provider says of itself (OpenID Connect Discovery 1.0 §3), as far as it is used here. */
interface ProviderMetadata {
  readonly issuer?: unknown
  readonly jwks_uri?: unknown
  readonly end_session_endpoint?: unknown
}

const documents = /* @__PURE__ */ remoteDocuments<ProviderMetadata>((json) => {
  if (isPlain(json)) return json
  throw new Error('the answer is no metadata')
})

/**
 * Where an issuer has something, by its own metadata, which is kept for five minutes.
 *
 * @throws {SessionError} `ERR_TOKEN_KEYS` when that is out of reach, is another issuer's (§4.3), or does not say.
 */
export async function discovered(
  issuer: string,
  name: 'jwks_uri' | 'end_session_endpoint',
  now: number,
): Promise<URL> {
  const metadata = await documents(wellKnown(issuer)).get(now)
  const url = securely(metadata[name])
  // From afar nobody is to send requests, or browsers, to what listens on this machine.
  const isNear = new URL(issuer).protocol === 'http:'
  if (metadata.issuer === issuer && url !== null && (isNear || url.protocol === 'https:')) return url
  throw new SessionError(
    'ERR_TOKEN_KEYS',
    `The metadata of ${issuer} names another issuer, or has no usable ${name}.`,
  )
}

/** Without the final slash of an issuer that has one (§4.1). */
function wellKnown(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}
