/** How the addresses of a network begin. */
export interface Network {
  /** Bits as text. */
  readonly prefix: string
  /** Of a whole address: 32 or 128. */
  readonly length: number
}

/** The first 96 bits of an IPv4 address inside an IPv6 one (RFC 4291 §2.5.5.2). */
const MAPPED = `${'0'.repeat(80)}${'1'.repeat(16)}`

/**
 * The bits of an IP address as text, 32 or 128 of them; null for anything else. A server that listens on IPv6 shows an
 * IPv4 client as `::ffff:192.0.2.1`: that is the IPv4 address, however it is written.
 */
function addressBits(address: string): string | null {
  const [text = ''] = address.split('%', 1)
  if (!text.includes(':')) return ipv4Bits(text)
  const all = ipv6Bits(text)
  return all?.startsWith(MAPPED) ? all.slice(MAPPED.length) : all
}

/** The first 24 bits of an IPv4 address or 48 of an IPv6 address: what one subscriber usually keeps. */
export function addressPrefix(address: string): string {
  const all = addressBits(address)
  return all === null ? address : all.slice(0, all.length === 32 ? 24 : 48)
}

/** The same as text, such as `192.0.2.0/24` or `2001:db8:7::/48`; what is no address is nothing. */
export function truncateAddress(address: string): string | undefined {
  const all = addressBits(address)
  if (all === null) return undefined
  const [group, count, base] = all.length === 32 ? [8, 3, 10] : [16, 3, 16]
  const parts = Array.from({ length: count }, (_, i) => {
    return Number.parseInt(all.slice(group * i, group * (i + 1)), 2).toString(base)
  })
  return all.length === 32 ? `${parts.join('.')}.0/24` : `${parts.join(':')}::/48`
}

/** An address, or a network such as `10.0.0.0/8`; null for anything else, and for `/0`, which is everyone. */
export function parseNetwork(text: string): Network | null {
  const [base = '', given, ...more] = text.split('/')
  const all = addressBits(base)
  if (all === null || more.length > 0 || !/^\d{1,3}$/.test(given ?? '0')) return null
  const written = base.includes(':') ? 128 : 32
  const length = Number(given ?? written) - (written - all.length)
  return length >= 1 && length <= all.length ? { prefix: all.slice(0, length), length: all.length } : null
}

/** True when the address is in one of these networks; what is no address is in none. */
export function isWithin(address: string, networks: readonly Network[]): boolean {
  const all = addressBits(address)
  return (
    all !== null && networks.some(({ prefix, length }) => all.length === length && all.startsWith(prefix))
  )
}

function ipv4Bits(text: string): string | null {
  const bytes = text.split('.').map((byte) => bits(byte, /^\d{1,3}$/, 10, 8))
  return bytes.length === 4 ? joined(bytes) : null
}

function ipv6Bits(text: string): string | null {
  const [head = '', tail, ...more] = withoutDots(text).split('::')
  const [before, after] = [groupBits(head), groupBits(tail ?? '')]
  if (before === null || after === null || more.length > 0) return null
  const missing = 128 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 16) return null
  return before + '0'.repeat(missing) + after
}

/** The last 32 bits may be written as an IPv4 address (RFC 4291 §2.2). */
function withoutDots(text: string): string {
  const at = text.lastIndexOf(':') + 1
  const low = ipv4Bits(text.slice(at))
  if (low === null) return text
  const group = (part: string) => Number.parseInt(part, 2).toString(16)
  return `${text.slice(0, at)}${group(low.slice(0, 16))}:${group(low.slice(16))}`
}

function groupBits(text: string): string | null {
  if (text === '') return ''
  return joined(text.split(':').map((group) => bits(group, /^[\da-f]{1,4}$/i, 16, 16)))
}

function bits(digits: string, shape: RegExp, radix: number, width: number): string | null {
  const text = shape.test(digits) ? Number.parseInt(digits, radix).toString(2).padStart(width, '0') : ''
  return text.length === width ? text : null
}

function joined(parts: readonly (string | null)[]): string | null {
  return parts.includes(null) ? null : parts.join('')
}
