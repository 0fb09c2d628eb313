/** A measured number beside what it has to reach. */
export interface Figure {
  readonly value: number | string
  readonly reach: string
}

/** By what was measured. */
export type Table = Record<string, Figure>

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
