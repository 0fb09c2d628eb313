import { Hono } from 'hono'
import { requireAuthoritative, requireUser } from 'wafer-session/hono'
import { type DemoEnv, FRESH_FOR } from '../env.ts'
import { form } from '../form.ts'
import { findPerson } from '../people.ts'
import { requireSure } from '../require-sure.ts'

export const email = new Hono<DemoEnv>()

email.use(requireUser(), requireSure(FRESH_FOR))

email.get('/', (c) =>
  c.render(
    <section class="narrow">
      <h1>Your e-mail address</h1>
      <form method="post" class="card stack">
        <label for="email">New address</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="email"
          required
          maxlength={100}
          value={c.var.session.data.email ?? findPerson(c.var.session.userId)?.email}
        />
        <button type="submit">Save</button>
      </form>
      <p class="quiet">Kept in the session, so it lasts until you sign out.</p>
    </section>,
    { title: 'E-mail address' },
  ),
)

// An address that can reset a password must not be changed by whoever was signed out a moment ago.
email.post('/', requireAuthoritative(), form('email'), (c) => {
  const address = c.req.valid('form').email.trim()
  const { session } = c.var
  if (!/^[^\s@]+@[^\s@]+$/.test(address) || address.length > 100) {
    session.flash('problem', 'That does not look like an e-mail address.')
    return c.redirect('/account/email', 303)
  }
  session.data.email = address
  session.flash('notice', 'Your e-mail address has changed.')
  return c.redirect('/account', 303)
})
