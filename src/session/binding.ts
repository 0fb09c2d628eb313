import { addressPrefix } from './address.ts'
import { describeDevice } from './device.ts'
import type { Binding } from './record.ts'

/** What happens when the client is not what it was: an event, or the end of the session and an event. */
export type BindingAction = 'report' | 'end'

/** What the runtime knows of a request's client; never what the client says of itself. */
export interface SessionInfo {
  /** IP address of the connection. */
  readonly address?: string | undefined
  /** The autonomous system that the address belongs to, such as `AS64500`. */
  readonly network?: string | undefined
  /** For lists of devices, such as `Lisbon, PT`. */
  readonly location?: string | undefined
}

/** What a session is bound to: compared by keyed hashes, of which nothing can be read. */
export interface BindingOptions {
  /** The family of the browser and the system, without versions: an update changes nothing. */
  readonly userAgent?: BindingAction | undefined
  /** Brands, platform and mobility of `Sec-CH-UA`, without versions. Only Chromium sends them. */
  readonly clientHints?: BindingAction | undefined
  /** The first 24 bits of an IPv4 address, 48 of an IPv6 address. A phone that leaves the house changes it. */
  readonly address?: BindingAction | undefined
  /** The autonomous system of the address: wider than the prefix. */
  readonly network?: BindingAction | undefined
  /** Whatever else tells a client apart. */
  readonly custom?:
    | {
        readonly value: (request: Request, info: SessionInfo) => string | undefined
        readonly action: BindingAction
      }
    | undefined
}

const READERS: Record<string, (request: Request, info: SessionInfo) => string | undefined> = {
  userAgent: ({ headers }) => describeDevice(headers.get('User-Agent')),
  clientHints: ({ headers }) => clientHints(headers),
  address: (_, { address }) => address && addressPrefix(address),
  network: (_, { network }) => network,
}

/** What the client looks like now, by kind; a header that is not there counts as empty. */
export function clientTraits(
  options: BindingOptions,
  request: Request,
  info: SessionInfo,
): Record<string, string> {
  const { custom, ...kinds } = options
  const traits: Record<string, string> = {}
  for (const [kind, action] of Object.entries(kinds)) {
    if (action !== undefined) traits[kind] = READERS[kind]?.(request, info) ?? ''
  }
  if (custom !== undefined) traits.custom = custom.value(request, info) ?? ''
  return traits
}

/** The kinds that were bound and look otherwise now. */
export function changedKinds(bound: Binding, now: Binding): string[] {
  return Object.keys(now.hashes).filter(
    (kind) => Object.hasOwn(bound.hashes, kind) && bound.hashes[kind] !== now.hashes[kind],
  )
}

/** True when one of these changes ends the session. */
export function endsSession(options: BindingOptions, changed: readonly string[]): boolean {
  const { custom, ...kinds } = options
  const actions: Record<string, unknown> = { ...kinds, custom: custom?.action }
  return changed.some((kind) => actions[kind] === 'end')
}

/** Brands without versions and without the invented one, platform and mobility. */
function clientHints(headers: Headers): string {
  const brands = (headers.get('Sec-CH-UA') ?? '').match(/"[^"]*"(?=\s*;\s*v=)/g) ?? []
  const real = brands.filter((brand) => !/not.?.?a.?.?brand/i.test(brand)).sort()
  return [...real, headers.get('Sec-CH-UA-Platform'), headers.get('Sec-CH-UA-Mobile')].join()
}
