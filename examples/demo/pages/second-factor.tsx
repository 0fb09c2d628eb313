import { type Context, Hono } from 'hono'
import type { Child } from 'hono/jsx'
import { requireUser, type SignedInEnv } from 'wafer-session/hono'
import { generateTotpSecret } from 'wafer-session/totp'
import { codeProblem } from '../code-problem.ts'
import { Enrolment, RecoveryCodes, TurnedOn } from '../components/second-factor.tsx'
import { type DemoEnv, FRESH_FOR_DEVICES } from '../env.ts'
import { form } from '../form.ts'
import { findPerson } from '../people.ts'
import { requireSure } from '../require-sure.ts'
import { SecondFactor } from '../second-factor.ts'

const HERE = '/account/second-factor'
const TITLE = { title: 'Second factor' }

type Env = DemoEnv & SignedInEnv & { Variables: { factor: SecondFactor } }

export const secondFactor = new Hono<Env>()

secondFactor.use(requireUser())

secondFactor.use(async (c, next) => {
  const factor = SecondFactor.of(c.var.sessions)
  if (factor === undefined) return c.render(<NotHere />, TITLE)
  c.set('factor', factor)
  return next()
})

// Whoever sets up a factor of their own, or takes away the one there is, can come back without you.
secondFactor.use(requireSure(FRESH_FOR_DEVICES))

secondFactor.get('/', async (c) => {
  const { session, factor } = c.var
  const codes = session.flash<string[]>('recovery-codes')
  if (await factor.isOn(session.userId)) {
    const left = await factor.recoveryCodesLeft(session.userId)
    return c.render(
      <Page>
        {codes && <RecoveryCodes codes={codes} />}
        <TurnedOn left={left} />
      </Page>,
      TITLE,
    )
  }
  // Kept until the first code comes, so that after a reload the code that was scanned is still the one.
  session.data.enrolment ??= generateTotpSecret()
  const account = findPerson(session.userId)?.email ?? session.userId
  return c.render(
    <Page>
      <Enrolment account={account} secret={session.data.enrolment} />
    </Page>,
    TITLE,
  )
})

secondFactor.post('/', form('action', 'code'), async (c) => {
  const { action, code } = c.req.valid('form')
  if (action === 'off') return turnOff(c)
  await (action === 'recovery-codes' ? renewRecoveryCodes(c.var) : turnOn(c.var, code))
  return c.redirect(HERE, 303)
})

async function turnOn({ session, sessions, factor }: Env['Variables'], code: string): Promise<void> {
  const { enrolment } = session.data
  if (enrolment === undefined) return
  const result = await factor.turnOn(session.userId, enrolment, code)
  if (!result.ok) return session.flash('problem', codeProblem(result))
  delete session.data.enrolment
  session.reauthenticate({ amr: ['otp'], acr: 'aal2' })
  session.flash('recovery-codes', await factor.newRecoveryCodes(session.userId))
  session.flash(
    'notice',
    'From now on signing in takes a code of your app. You are signed out everywhere else.',
  )
  // Whoever came in elsewhere came in without it (ASVS 7.4.3).
  await session.commit()
  await sessions.users.revokeAll(session.userId, { except: session })
}

async function renewRecoveryCodes({ session, factor }: Env['Variables']): Promise<void> {
  if (!(await factor.isOn(session.userId))) return
  session.flash('recovery-codes', await factor.newRecoveryCodes(session.userId))
}

async function turnOff(c: Context<Env>): Promise<Response> {
  const { session, factor } = c.var
  await factor.turnOff(session.userId)
  session.flash('notice', 'Your second factor is off. Your password is enough again.')
  return c.redirect('/account', 303)
}

function NotHere() {
  return (
    <Page>
      <p class="lead">
        A second factor needs a store that compares before it writes, or a code could be used twice and
        guesses would go uncounted: the mode <code>durable-object</code> has one.
      </p>
      <div class="actions">
        <a class="button secondary" href="/account">
          Back to the account
        </a>
      </div>
    </Page>
  )
}

function Page({ children }: { children?: Child }) {
  return (
    <section class="narrow">
      <h1>Second factor</h1>
      {children}
    </section>
  )
}
