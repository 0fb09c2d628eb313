import { Hono } from 'hono'
import { returnPath } from 'wafer-session/hono'
import { addToCart, cartLines, cartTotal } from '../cart.ts'
import { money, products } from '../catalogue.ts'
import { CartTable } from '../components/cart-table.tsx'
import type { DemoEnv } from '../env.ts'
import { form } from '../form.ts'

export const cart = new Hono<DemoEnv>()

cart.get('/', (c) => {
  const { data, userId } = c.var.session
  const lines = cartLines(data)
  if (lines.length === 0) {
    return c.render(
      <section class="narrow">
        <h1>Your cart</h1>
        <p class="lead">Nothing in it yet.</p>
        <p>
          <a class="button" href="/">
            Look at the biscuits
          </a>
        </p>
      </section>,
      { title: 'Cart' },
    )
  }
  return c.render(
    <section class="medium">
      <h1>Your cart</h1>
      <CartTable lines={lines} />
      <div class="total">
        <p>
          Total <strong>{money(cartTotal(data))}</strong>
        </p>
        <a class="button" href="/checkout">
          {userId === undefined ? 'Sign in to check out' : 'Check out'}
        </a>
      </div>
      {userId === undefined && (
        <p class="quiet">Signing in keeps this cart, and nothing else of this visit.</p>
      )}
    </section>,
    { title: 'Cart' },
  )
})

cart.post('/', form('product', 'change', 'return_to'), (c) => {
  const { product: id, change, return_to: back } = c.req.valid('form')
  const product = products.find((product) => product.id === id)
  const difference = Math.trunc(Number(change))
  if (product === undefined || !difference) return c.notFound()

  // A function, so that a store could run it again on fresh data if another tab wrote first.
  c.var.session.update((data) => addToCart(data, product.id, difference))
  if (difference > 0) c.var.session.flash('notice', `${product.name} is in your cart.`)
  return c.redirect(returnPath(back, '/cart'), 303)
})
