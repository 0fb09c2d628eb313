import type { Context } from 'hono'
import { isWithin } from '../session/address.ts'
import type { SessionInfo } from '../session/binding.ts'

/** Where the middleware learns of the client what the client does not say itself. */
export interface InfoOptions {
  /**
   * Addresses and networks, such as `10.0.0.0/8`, of the proxies in front: from one of these, and from no one else, the
   * address is taken from `X-Forwarded-For`, the last one there that is not a proxy.
   */
  readonly trustedProxies?: readonly string[] | undefined
  /** Says more, or better, than the runtime does. */
  readonly info?: ((c: Context) => SessionInfo) | undefined
}

/** The part of Cloudflare's `request.cf` that is used; no client can send it. */
interface CloudflareProperties {
  readonly asn?: number
  readonly city?: string
  readonly country?: string
}

/** What servers give Hono as its environment: Deno's connection info, Bun's server, Node's request. */
interface ServerEnvironment {
  readonly remoteAddr?: { readonly hostname?: string }
  readonly requestIP?: (request: Request) => { readonly address: string } | null
  readonly server?: Pick<ServerEnvironment, 'requestIP'>
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
}

/** What the runtime knows of the client; worked out only when something asks. */
export function sessionInfo(c: Context, { trustedProxies = [], info }: InfoOptions): SessionInfo {
  const { cf } = c.req.raw as { cf?: CloudflareProperties }
  return {
    get address() {
      return info?.(c).address ?? clientAddress(c, cf, trustedProxies)
    },
    get network() {
      return info?.(c).network ?? (cf?.asn === undefined ? undefined : `AS${cf.asn}`)
    },
    get location() {
      return info?.(c).location ?? ([cf?.city, cf?.country].filter(Boolean).join(', ') || undefined)
    },
  }
}

function clientAddress(
  c: Context,
  cf: CloudflareProperties | undefined,
  trustedProxies: readonly string[],
): string | undefined {
  // Cloudflare writes this header itself, over whatever a client sent. Elsewhere it is a client's word.
  const address = cf === undefined ? connectionAddress(c) : c.req.header('CF-Connecting-IP')
  if (address === undefined || !isWithin(address, trustedProxies)) return address
  const forwarded = (c.req.header('X-Forwarded-For') ?? '').split(',').map((hop) => hop.trim())
  return forwarded.findLast((hop) => !isWithin(hop, trustedProxies)) || address
}

function connectionAddress(c: Context): string | undefined {
  const env: ServerEnvironment = c.env ?? {}
  const server = env.server ?? env
  if (typeof server.requestIP === 'function') return server.requestIP(c.req.raw)?.address
  return env.remoteAddr?.hostname ?? env.incoming?.socket?.remoteAddress
}
