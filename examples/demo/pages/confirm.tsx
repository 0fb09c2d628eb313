import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Child } from 'hono/jsx'
import { returnPath } from 'wafer-session/hono'
import { codeProblem } from '../code-problem.ts'
import { CodeField } from '../components/second-factor.tsx'
import { detour } from '../detour.ts'
import type { DemoEnv } from '../env.ts'
import { form } from '../form.ts'
import { checkPassword } from '../people.ts'
import { SecondFactor } from '../second-factor.ts'

/**
 * The second half of a sign-in, and step-up: somebody shows that it is them, by their second factor where they have one.
 * The password would not do then: whoever is half signed in has just given it.
 */
export const confirm = new Hono<DemoEnv>()

confirm.get('/', async (c) => {
  const { userId, factor } = await whoIsAsked(c)
  return c.render(
    <section class="narrow">
      <h1>{factor && c.var.session.pending ? 'One more step' : 'Is it still you?'}</h1>
      {factor ? (
        <AskForCode back={pathBack(c.req.query('return_to'))} />
      ) : (
        <AskForPassword c={c} userId={userId} />
      )}
    </section>,
    { title: 'Confirm' },
  )
})

confirm.post('/', form('password', 'code', 'return_to'), async (c) => {
  const { password, code, return_to } = c.req.valid('form')
  const { session } = c.var
  const { userId, factor } = await whoIsAsked(c)
  const problem = factor ? await problemOfCode(factor, userId, code) : problemOfPassword(userId, password)
  if (problem !== undefined) {
    session.flash('problem', problem)
    return c.redirect(detour('/confirm', pathBack(return_to)), 303)
  }
  session.reauthenticate(factor ? { amr: ['otp'], acr: 'aal2' } : { amr: ['pwd'] })
  session.flash('notice', 'Thank you. Please go on.')
  return c.redirect(pathBack(return_to), 303)
})

/**
 * Who is signed in, or half so: with a second factor still to come, or since the monitor asked for a step-up.
 *
 * @returns Also their second factor, if they have one.
 */
async function whoIsAsked({ var: { session, sessions } }: Context<DemoEnv>) {
  const userId = session.userId ?? session.pending?.userId
  if (userId === undefined) throw new HTTPException(401)
  const factor = SecondFactor.of(sessions)
  return { userId, factor: (await factor?.isOn(userId)) ? factor : undefined }
}

async function problemOfCode(
  factor: SecondFactor,
  userId: string,
  code: string,
): Promise<string | undefined> {
  const result = await factor.check(userId, code)
  return result.ok ? undefined : codeProblem(result)
}

function problemOfPassword(userId: string, password: string): string | undefined {
  return checkPassword(userId, password) === undefined ? 'That is not the password.' : undefined
}

function AskForCode({ back }: { back: string }) {
  return (
    <>
      <p class="lead">Your authenticator app has the code for it.</p>
      <ConfirmForm back={back}>
        <CodeField label="Code" hint="Six digits of the app, or one of your recovery codes." />
      </ConfirmForm>
    </>
  )
}

function AskForPassword({ c, userId }: { c: Context<DemoEnv>; userId: string }) {
  return (
    <>
      <p class="lead">
        {c.var.session.pending
          ? 'Something about your last requests was unusual. Your password shows that it is you.'
          : 'What comes next asks for a password that was given a moment ago.'}
      </p>
      <ConfirmForm back={pathBack(c.req.query('return_to'))}>
        <input hidden name="name" value={userId} autocomplete="username" />
        <label for="password">Password of {userId}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
      </ConfirmForm>
    </>
  )
}

function ConfirmForm({ back, children }: { back: string; children?: Child }) {
  return (
    <form method="post" class="card stack">
      <input type="hidden" name="return_to" value={back} />
      {children}
      <button type="submit">Continue</button>
    </form>
  )
}

function pathBack(wanted: string | undefined): string {
  return returnPath(wanted, '/account')
}
