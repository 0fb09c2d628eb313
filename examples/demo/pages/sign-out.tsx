import { Hono } from 'hono'
import type { DemoEnv } from '../env.ts'

export const signOut = new Hono<DemoEnv>()

signOut.post('/sign-out', (c) => {
  c.var.session.signOut()
  // An ended session carries no flash message, so what there is to say has a page.
  return c.redirect('/signed-out', 303)
})

signOut.get('/signed-out', (c) =>
  c.render(
    <section class="narrow">
      <h1>You are signed out</h1>
      <p class="lead">The cookie is gone from this browser, and with it all that this shop knew about you.</p>
      <p>
        <a class="button" href="/">
          Back to the shop
        </a>
      </p>
    </section>,
    { title: 'Signed out' },
  ),
)
