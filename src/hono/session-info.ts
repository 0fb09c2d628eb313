import type { Context } from 'hono'
import { isWithin, type Network, parseNetwork } from '../session/address.ts'
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
  readonly latitude?: string
  readonly longitude?: string
  readonly timezone?: string
}

/** What servers give Hono as its environment: Deno's connection info, Bun's server, Node's request. */
interface ServerEnvironment {
  readonly remoteAddr?: { readonly hostname?: string }
  readonly requestIP?: (request: Request) => { readonly address: string } | null
  readonly server?: Pick<ServerEnvironment, 'requestIP'>
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
}

/**
 * What the runtime knows of a request's client; worked out only when something asks.
 *
 * @throws {TypeError} For wrong options: a proxy that is misspelt would be a client.
 */
export function sessionInfo({ trustedProxies = [], info }: InfoOptions): (c: Context) => SessionInfo {
  const proxies = networksOf(trustedProxies)
  if (info !== undefined && typeof info !== 'function') throw new TypeError('info must be a function.')
  return (c) => new RuntimeInfo(c, proxies, info)
}

/** A class, since an object with getters of its own costs every request more. */
class RuntimeInfo implements SessionInfo {
  readonly #c: Context
  readonly #proxies: readonly Network[]
  readonly #info: InfoOptions['info']

  constructor(c: Context, proxies: readonly Network[], info: InfoOptions['info']) {
    this.#c = c
    this.#proxies = proxies
    this.#info = info
  }

  get address(): string | undefined {
    return this.#info?.(this.#c).address ?? clientAddress(this.#c, this.#proxies)
  }

  get network(): string | undefined {
    const asn = cloudflare(this.#c)?.asn
    return this.#info?.(this.#c).network ?? (asn === undefined ? undefined : `AS${asn}`)
  }

  get country(): string | undefined {
    return this.#info?.(this.#c).country ?? cloudflare(this.#c)?.country
  }

  get city(): string | undefined {
    return this.#info?.(this.#c).city ?? cloudflare(this.#c)?.city
  }

  get latitude(): number | string | undefined {
    return this.#info?.(this.#c).latitude ?? cloudflare(this.#c)?.latitude
  }

  get longitude(): number | string | undefined {
    return this.#info?.(this.#c).longitude ?? cloudflare(this.#c)?.longitude
  }

  get timezone(): string | undefined {
    return this.#info?.(this.#c).timezone ?? cloudflare(this.#c)?.timezone
  }

  get location(): string | undefined {
    const { city, country } = cloudflare(this.#c) ?? {}
    const place = [city, country].filter(Boolean).join(', ')
    return this.#info?.(this.#c).location ?? (place || undefined)
  }
}

function networksOf(trustedProxies: readonly string[]): Network[] {
  if (!Array.isArray(trustedProxies)) {
    throw new TypeError(`trustedProxies must be a list, such as ['10.0.0.0/8'].`)
  }
  return trustedProxies.map((text: unknown) => {
    const network = typeof text === 'string' ? parseNetwork(text) : null
    if (network !== null) return network
    throw new TypeError(
      `trustedProxies wants addresses and networks, such as '10.0.0.1' or '10.0.0.0/8', and ${JSON.stringify(text)} is neither.`,
    )
  })
}

function cloudflare(c: Context): CloudflareProperties | undefined {
  return (c.req.raw as { cf?: CloudflareProperties }).cf
}

function clientAddress(c: Context, proxies: readonly Network[]): string | undefined {
  // Cloudflare writes this header itself, over whatever a client sent. Elsewhere it is a client's word.
  const address = cloudflare(c) === undefined ? connectionAddress(c) : c.req.header('CF-Connecting-IP')
  if (address === undefined || !isWithin(address, proxies)) return address
  const hops = (c.req.header('X-Forwarded-For') ?? '').split(',').map(withoutPort)
  return hops.findLast((hop) => hop !== '' && !isWithin(hop, proxies)) ?? address
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`, and the port changes with every connection. */
function withoutPort(hop: string): string {
  const text = hop.trim()
  return (/^\[(.*)\](?::\d+)?$/.exec(text) ?? /^([\d.]+):\d+$/.exec(text))?.[1] ?? text
}

function connectionAddress(c: Context): string | undefined {
  const env: ServerEnvironment = c.env ?? {}
  const server = env.server ?? env
  if (typeof server.requestIP === 'function') return server.requestIP(c.req.raw)?.address
  return env.remoteAddr?.hostname ?? env.incoming?.socket?.remoteAddress
}
