import { Hono } from 'hono'
import type { DemoEnv } from '../env.ts'
import { modeText } from '../mode-text.ts'
import { modeOf } from '../sessions.ts'

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
      <p class="lead">{modeText[modeOf(c.env)].signedOut}</p>
      <p>
        <a class="button" href="/">
          Back to the shop
        </a>
      </p>
    </section>,
    { title: 'Signed out' },
  ),
)
