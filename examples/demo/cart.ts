import { type Product, products } from './catalogue.ts'
import type { Data } from './env.ts'

export interface CartLine {
  readonly product: Product
  readonly count: number
}

/** More of one product than this is not a snack any more. */
const MOST = 12

/** The lines of a cart, in the order of the catalogue; products that are no longer sold are left out. */
export function cartLines({ cart = {} }: Data): CartLine[] {
  return products
    .map((product) => ({ product, count: cart[product.id] ?? 0 }))
    .filter(({ count }) => count > 0)
}

export function cartCount(data: Data): number {
  return cartLines(data).reduce((sum, { count }) => sum + count, 0)
}

export function cartTotal(data: Data): number {
  return cartLines(data).reduce((sum, { product, count }) => sum + product.price * count, 0)
}

export function addToCart(data: Data, id: string, change: number): void {
  const { [id]: count = 0, ...others } = data.cart ?? {}
  const next = Math.min(Math.max(count + change, 0), MOST)
  data.cart = next === 0 ? others : { ...others, [id]: next }
}
