import { Hono } from 'hono'
import { products } from '../catalogue.ts'
import { ProductCard } from '../components/product-card.tsx'
import type { DemoEnv } from '../env.ts'
import { modeText } from '../mode-text.ts'
import { modeOf } from '../sessions.ts'

export const shop = new Hono<DemoEnv>()

shop.get('/', (c) =>
  c.render(
    <>
      <section class="hero">
        <h1>Thin biscuits, and a thin seal</h1>
        <p class="lead">
          Fill a cart before anyone knows who you are, sign in, and find it still there.{' '}
          {modeText[modeOf(c.env)].promise}
        </p>
      </section>
      <section aria-labelledby="biscuits">
        <h2 id="biscuits">Biscuits</h2>
        <ul class="grid">
          {products.map((product) => (
            <ProductCard
              key={product.id}
              product={product}
              count={c.var.session.data.cart?.[product.id] ?? 0}
            />
          ))}
        </ul>
      </section>
    </>,
    { title: 'Shop' },
  ),
)
