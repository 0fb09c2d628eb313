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
  /** ISO 3166-1, two letters. This and all below are for a monitor. */
  readonly country?: string | undefined
  readonly city?: string | undefined
  /** Degrees, as a number or as text. */
  readonly latitude?: number | string | undefined
  readonly longitude?: number | string | undefined
  /** Such as `Europe/Lisbon`. */
  readonly timezone?: string | undefined
}

/**
 * What a session is bound to: compared by keyed hashes, of which nothing can be read. An address or a network that the
 * runtime does not know at the sign-in binds nothing; one that it does not know later opens no session that it could end.
 */
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
  userAgent: ({ headers }) => describeDevice(headers.get('User-Agent')) ?? '',
  clientHints: ({ headers }) => clientHints(headers),
  address: (_, { address }) => (address ? addressPrefix(address) : undefined),
  network: (_, { network }) => network || undefined,
}

/**
 * What the client looks like now, by kind: a header that is not there is empty, what the runtime does not know is left out.
 *
 * @throws {TypeError} When `custom.value` gives neither a string nor nothing: every promise would look like any other.
 */
export function clientTraits(
  options: BindingOptions,
  request: Request,
  info: SessionInfo,
): Record<string, string> {
  const { custom, ...kinds } = options
  const traits: Record<string, string> = {}
  for (const [kind, action] of Object.entries(kinds)) {
    const trait = action && READERS[kind]?.(request, info)
    if (trait !== undefined) traits[kind] = trait
  }
  if (custom !== undefined) traits.custom = custom.value(request, info) ?? ''
  if (typeof (traits.custom ?? '') === 'string') return traits
  throw new TypeError('binding.custom.value must return a string, or undefined, and at once.')
}

/** How a client compares with the one that a session is bound to. */
export interface TraitComparison {
  /** The kinds that look otherwise now. */
  readonly changed: readonly string[]
  /** One of them ends the session. */
  readonly ends: boolean
  /**
   * Something that would end it is not known, as the address of a client that has closed its connection: nothing is proven,
   * and nothing may be done for it.
   */
  readonly isUncertain: boolean
}

export function compareTraits(options: BindingOptions, bound: Binding, now: Binding): TraitComparison {
  const { custom, ...kinds } = options
  const actions: Record<string, BindingAction | undefined> = { ...kinds, custom: custom?.action }
  const asked = Object.keys(bound.hashes).filter((kind) => actions[kind] !== undefined)
  const known = asked.filter((kind) => Object.hasOwn(now.hashes, kind))
  const changed = known.filter((kind) => now.hashes[kind] !== bound.hashes[kind])
  const ends = (kind: string) => actions[kind] === 'end'
  return {
    changed,
    ends: changed.some(ends),
    isUncertain: asked.some((kind) => ends(kind) && !known.includes(kind)),
  }
}

/** Brands without versions and without the invented one, platform and mobility. */
function clientHints(headers: Headers): string {
  const brands = (headers.get('Sec-CH-UA') ?? '').match(/"[^"]*"(?=\s*;\s*v=)/g) ?? []
  const real = brands.filter((brand) => !/not.?.?a.?.?brand/i.test(brand)).sort()
  return [...real, headers.get('Sec-CH-UA-Platform'), headers.get('Sec-CH-UA-Mobile')].join()
}
