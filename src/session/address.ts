/**
 * The bits of an IP address as text, 32 or 128 of them, so that a network is how it starts; null for anything else. An
 * IPv4 address inside an IPv6 one (RFC 4291 §2.5.5) is that IPv4 address.
 */
export function addressBits(address: string): string | null {
  const v4 = /^(?:.*:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)
  if (v4) return bits(v4.slice(1), 10, 8)
  const [head = '', tail, ...more] = (address.split('%', 1)[0] as string).split('::')
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')]
  const missing = 8 - before.length - after.length
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return null
  return bits([...before, ...Array.from({ length: missing }, () => '0'), ...after], 16, 16)
}

/** The first 24 bits of an IPv4 address or 48 of an IPv6 address: what one subscriber usually keeps. */
export function addressPrefix(address: string): string {
  const all = addressBits(address)
  return all === null ? address : all.slice(0, all.length === 32 ? 24 : 48)
}

/** True when the address is one of these, or in one of these networks, such as `10.0.0.0/8`. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  const all = addressBits(address)
  return networks.some((network) => {
    const [base = '', length] = network.split('/')
    const prefix = addressBits(base)?.slice(0, length === undefined ? undefined : Number(length))
    return all !== null && prefix !== undefined && prefix !== '' && all.startsWith(prefix)
  })
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}

function bits(groups: readonly string[], radix: number, width: number): string | null {
  const numbers = groups.map((group) => (/^[\da-f]{1,4}$/i.test(group) ? Number.parseInt(group, radix) : -1))
  if (numbers.some((number) => !(number >= 0 && number < 2 ** width))) return null
  return numbers.map((number) => number.toString(2).padStart(width, '0')).join('')
}
