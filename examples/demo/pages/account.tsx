import { Hono } from 'hono'
import type { Session } from 'wafer-session'
import { requireUser } from 'wafer-session/hono'
import { Meters } from '../components/meters.tsx'
import { Moment } from '../components/moment.tsx'
import { cookieWeight } from '../cookie-weight.ts'
import type { Data, DemoEnv } from '../env.ts'
import { modeText } from '../mode-text.ts'
import { findPerson } from '../people.ts'
import { modeOf } from '../sessions.ts'

export const account = new Hono<DemoEnv>()

account.get('/', requireUser(), (c) => {
  const { session } = c.var
  const { short, cookie } = modeText[modeOf(c.env)]
  return c.render(
    <section class="medium">
      <h1>{findPerson(session.userId)?.name}</h1>
      <div class="columns">
        <SessionFacts session={session} kept={short} />
        <Meters session={session} weight={cookieWeight(c, c.var.sessions)} holds={cookie} />
      </div>
      <div class="actions">
        <a class="button secondary" href="/account/email">
          Change the e-mail address
        </a>
        <a class="button secondary" href="/account/devices">
          Your devices
        </a>
        <a class="button secondary" href="/account/second-factor">
          Second factor
        </a>
        <a class="button secondary" href="/account/activity">
          Recent activity
        </a>
      </div>
    </section>,
    { title: 'Account' },
  )
})

function SessionFacts({ session, kept }: { session: Session<Data>; kept: string }) {
  return (
    <dl class="card">
      <dt>User</dt>
      <dd>
        <code>{session.userId}</code>
      </dd>
      <dt>E-mail</dt>
      <dd>{session.data.email ?? findPerson(session.userId)?.email}</dd>
      <dt>Signed in</dt>
      <dd>
        <Moment at={session.authTime} />
      </dd>
      <dt>How</dt>
      <dd>
        <code>{session.amr.join(', ')}</code>
        {session.data.remembered ? ', to be remembered' : ', until the browser closes'}
      </dd>
      <dt>Kept</dt>
      <dd>{kept}</dd>
      <dt>Session</dt>
      <dd>
        <code class="wrap">{session.id}</code>
        <p class="quiet">A public handle. It opens nothing, so it may be logged and listed.</p>
      </dd>
    </dl>
  )
}
