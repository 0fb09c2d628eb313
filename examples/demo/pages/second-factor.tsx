import { Hono } from 'hono'
import { raw } from 'hono/html'
import { requireUser } from 'wafer-session/hono'
import { generateTotpSecret, totpUri } from 'wafer-session/totp'
import { totpQrCode } from 'wafer-session/totp/qr-code'
import { codeProblem } from '../code-problem.ts'
import { type DemoEnv, FRESH_FOR_DEVICES } from '../env.ts'
import { form } from '../form.ts'
import { findPerson } from '../people.ts'
import { requireSure } from '../require-sure.ts'
import { SecondFactor } from '../second-factor.ts'

const HERE = '/account/second-factor'

export const secondFactor = new Hono<DemoEnv>()

secondFactor.use(requireUser())

secondFactor.use(async (c, next) => {
  if (SecondFactor.of(c.var.sessions) !== undefined) return next()
  return c.render(
    <Page>
      <p class="lead">
        A second factor needs a store that compares before it writes, so that a code is used once and guesses are
        counted: choose <code>durable-object</code> in <code>sessions.ts</code>.
      </p>
    </Page>,
    { title: 'Second factor' },
  )
})

// Whoever sets up a factor of their own, or takes away the one there is, can come back without you.
secondFactor.use(requireSure(FRESH_FOR_DEVICES))

secondFactor.get('/', async (c) => {
  const { session, sessions } = c.var
  const { userId = '' } = session
  const factor = SecondFactor.of(sessions)
  const codes = session.flash<string[]>('recovery-codes')
  if (await factor?.isOn(userId)) {
    const left = await factor?.recoveryCodesLeft(userId)
    return c.render(
      <Page>
        {codes && <RecoveryCodes codes={codes} />}
        <TurnedOn left={left} />
      </Page>,
      { title: 'Second factor' },
    )
  }
  // Kept until the first code comes: the code is the same after a reload, and what was scanned stays right.
  session.data.enrolment ??= generateTotpSecret()
  return c.render(
    <Page>
      <Enrolment account={findPerson(userId)?.email ?? userId} secret={session.data.enrolment} />
    </Page>,
    { title: 'Second factor' },
  )
})

secondFactor.post('/', form('code'), async (c) => {
  const { session, sessions } = c.var
  const { userId = '', data } = session
  const factor = SecondFactor.of(sessions)
  if (factor === undefined || data.enrolment === undefined) return c.redirect(HERE, 303)
  const result = await factor.turnOn(userId, data.enrolment, c.req.valid('form').code.replaceAll(/\s/g, ''))
  if (!result.ok) {
    session.flash('problem', codeProblem(result))
    return c.redirect(HERE, 303)
  }
  delete data.enrolment
  session.reauthenticate({ amr: ['otp'], acr: 'aal2' })
  session.flash('recovery-codes', await factor.newRecoveryCodes(userId))
  session.flash('notice', 'From now on signing in takes a code of your app. You are signed out everywhere else.')
  // Who came in elsewhere came in without it (ASVS 7.4.3).
  await session.commit()
  await sessions.users.revokeAll(userId, { except: session })
  return c.redirect(HERE, 303)
})

secondFactor.post('/recovery-codes', async (c) => {
  const { session, sessions } = c.var
  const codes = await SecondFactor.of(sessions)?.newRecoveryCodes(session.userId ?? '')
  session.flash('recovery-codes', codes)
  return c.redirect(HERE, 303)
})

secondFactor.post('/off', async (c) => {
  const { session, sessions } = c.var
  await SecondFactor.of(sessions)?.turnOff(session.userId ?? '')
  session.flash('notice', 'Your password is enough again.')
  return c.redirect('/account', 303)
})
