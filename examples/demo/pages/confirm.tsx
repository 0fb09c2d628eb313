import { Hono } from 'hono'
import { requireUser } from 'wafer-session/hono'
import type { DemoEnv } from '../env.ts'
import { form } from '../form.ts'
import { checkPassword } from '../people.ts'
import { detour, returnPath } from '../return-path.ts'

/** Step-up: the person is signed in, and shows once more that it is them. */
export const confirm = new Hono<DemoEnv>()

confirm.get('/', requireUser(), (c) =>
  c.render(
    <section class="narrow">
      <h1>Is it still you?</h1>
      <p class="lead">What comes next asks for a password that was given a moment ago.</p>
      <form method="post" class="card stack">
        <input type="hidden" name="return" value={returnPath(c.req.query('return'), '/account')} />
        <input hidden name="name" value={c.var.session.userId} autocomplete="username" />
        <label for="password">Password of {c.var.session.userId}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <button type="submit">Continue</button>
      </form>
    </section>,
    { title: 'Confirm' },
  ),
)

confirm.post('/', requireUser(), form('password', 'return'), (c) => {
  const { password, return: wanted } = c.req.valid('form')
  const { session } = c.var
  const back = returnPath(wanted, '/account')
  if (checkPassword(session.userId, password) === undefined) {
    session.flash('problem', 'That is not the password.')
    return c.redirect(detour('/confirm', back), 303)
  }
  session.reauthenticate({ amr: ['pwd'] })
  session.flash('notice', 'Thank you. Please go on.')
  return c.redirect(back, 303)
})
