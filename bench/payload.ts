/** A session as applications have it; 133 bytes of JSON. */
export const PAYLOAD = {
  userId: 'u_01HZX3',
  roles: ['admin', 'editor'],
  cart: [
    { sku: 'a1', q: 2 },
    { sku: 'b2', q: 1 },
  ],
  theme: 'dark',
  locale: 'en-GB',
  n: 0,
}

export type Payload = typeof PAYLOAD & { note?: string }

/** The payload with a note that makes its JSON that many bytes long. */
export function payloadOf(bytes: number): Payload {
  const missing = bytes - JSON.stringify(PAYLOAD).length - ',"note":""'.length
  return missing < 0
    ? PAYLOAD
    : { ...PAYLOAD, note: 'lorem ipsum '.repeat(missing / 12 + 1).slice(0, missing) }
}
