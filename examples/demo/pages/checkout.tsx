import { Hono } from 'hono'
import { requireUser } from 'wafer-session/hono'
import { cartCount, cartLines, cartTotal } from '../cart.ts'
import { money } from '../catalogue.ts'
import type { DemoEnv } from '../env.ts'
import { findPerson } from '../people.ts'

export const checkout = new Hono<DemoEnv>()

checkout.use(requireUser())

checkout.get('/', (c) => {
  const { data, userId } = c.var.session
  if (cartCount(data) === 0) return c.redirect('/cart', 303)
  return c.render(
    <section class="narrow">
      <h1>Check out</h1>
      <ul class="receipt">
        {cartLines(data).map(({ product, count }) => (
          <li key={product.id}>
            <span>
              {count} × {product.name}
            </span>
            <span class="price">{money(product.price * count)}</span>
          </li>
        ))}
        <li>
          <strong>Total</strong>
          <strong class="price">{money(cartTotal(data))}</strong>
        </li>
      </ul>
      <p>The receipt goes to {data.email ?? findPerson(userId)?.email}.</p>
      <form method="post">
        <button type="submit">Place the order</button>
      </form>
    </section>,
    { title: 'Check out' },
  )
})

checkout.post('/', (c) => {
  const { session } = c.var
  const count = cartCount(session.data)
  delete session.data.cart
  if (count > 0)
    session.flash(
      'notice',
      `Thank you. ${count === 1 ? 'One biscuit is' : `${count} biscuits are`} on the way.`,
    )
  return c.redirect('/', 303)
})
