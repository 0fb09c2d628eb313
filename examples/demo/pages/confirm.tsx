import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Session } from 'wafer-session'
import { returnPath } from 'wafer-session/hono'
import { detour } from '../detour.ts'
import type { Data, DemoEnv } from '../env.ts'
import { form } from '../form.ts'
import { checkPassword } from '../people.ts'

/** Step-up: the person is signed in, and shows once more that it is them. */
export const confirm = new Hono<DemoEnv>()

confirm.get('/', (c) => {
  const userId = whoIsAsked(c.var.session)
  return c.render(
    <section class="narrow">
      <h1>Is it still you?</h1>
      <p class="lead">
        {c.var.session.pending
          ? 'Something about your last requests was unusual. Your password shows that it is you.'
          : 'What comes next asks for a password that was given a moment ago.'}
      </p>
      <form method="post" class="card stack">
        <input type="hidden" name="return_to" value={returnPath(c.req.query('return_to'), '/account')} />
        <input hidden name="name" value={userId} autocomplete="username" />
        <label for="password">Password of {userId}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <button type="submit">Continue</button>
      </form>
    </section>,
    { title: 'Confirm' },
  )
})

confirm.post('/', form('password', 'return_to'), (c) => {
  const { password, return_to: wanted } = c.req.valid('form')
  const { session } = c.var
  const back = returnPath(wanted, '/account')
  if (checkPassword(whoIsAsked(session), password) === undefined) {
    session.flash('problem', 'That is not the password.')
    return c.redirect(detour('/confirm', back), 303)
  }
  session.reauthenticate({ amr: ['pwd'] })
  session.flash('notice', 'Thank you. Please go on.')
  return c.redirect(back, 303)
})

/** Who is signed in, or was until the monitor asked for a step-up. */
function whoIsAsked({ userId, pending }: Session<Data>): string {
  const id = userId ?? pending?.userId
  if (id === undefined) throw new HTTPException(401)
  return id
}
