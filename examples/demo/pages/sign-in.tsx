import { Hono } from 'hono'
import { type Session, SessionError } from 'wafer-session'
import { returnPath } from 'wafer-session/hono'
import { detour } from '../detour.ts'
import type { Data, DemoEnv } from '../env.ts'
import { form } from '../form.ts'
import { checkPassword, people } from '../people.ts'
import { SecondFactor } from '../second-factor.ts'

export const signIn = new Hono<DemoEnv>()

signIn.get('/', async (c) => {
  const back = returnPath(c.req.query('return_to'), '/account')
  // Asked again: a page that wants certainty sends those here whose session was ended elsewhere.
  if (await isSignedIn(c.var.session)) return c.redirect(back, 303)
  return c.render(
    <section class="narrow">
      <h1>Sign in</h1>
      <form method="post" class="card stack">
        <input type="hidden" name="return_to" value={back} />
        <label for="name">Name</label>
        <input id="name" name="name" autocomplete="username" autocapitalize="none" required />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <label class="check">
          <input type="checkbox" name="remember" value="yes" />
          Keep me signed in on this device
        </label>
        <button type="submit">Sign in</button>
      </form>
      <h2>Who may come in</h2>
      <ul class="receipt">
        {people.map(({ id, password }) => (
          <li key={id}>
            <code>{id}</code>
            <code>{password}</code>
          </li>
        ))}
      </ul>
    </section>,
    { title: 'Sign in' },
  )
})

signIn.post('/', form('name', 'password', 'remember', 'return_to'), async (c) => {
  const { name, password, ...rest } = c.req.valid('form')
  const { session } = c.var
  const back = returnPath(rest.return_to, '/account')
  const person = checkPassword(name, password)
  if (person === undefined) {
    session.flash('problem', 'That name and password do not belong together.')
    return c.redirect(detour('/sign-in', back), 303)
  }

  const remember = rest.remember === 'yes'
  const pending = (await SecondFactor.of(c.var.sessions)?.isOn(person.id)) ?? false
  session.signIn(person.id, { amr: ['pwd'], acr: 'aal1', remember, keep: ['cart'], pending })
  session.data.remembered = remember
  if (pending) return c.redirect(detour('/confirm', back), 303)
  session.flash('notice', `Welcome, ${person.name}.`)
  return c.redirect(back, 303)
})

async function isSignedIn(session: Session<Data>): Promise<boolean> {
  if (session.userId === undefined) return false
  try {
    await session.requireAuthoritative()
    return true
  } catch (error) {
    if (error instanceof SessionError && error.code === 'ERR_SESSION_ENDED') return false
    throw error
  }
}
