import { Hono } from 'hono'
import { requireAuthoritative, requireFresh, requireUser, type SignedInEnv } from 'wafer-session/hono'
import { Device } from '../components/device.tsx'
import { detour } from '../detour.ts'
import { type DemoEnv, FRESH_FOR_DEVICES } from '../env.ts'
import { form } from '../form.ts'
import { modeText } from '../mode-text.ts'
import { modeOf } from '../sessions.ts'

export const devices = new Hono<DemoEnv>()

/** What the form sends in the place of a session's id, which is longer. */
const OTHERS = 'others'

devices.get('/', requireUser(), async (c) => {
  const { session, sessions } = c.var
  const mode = modeOf(c.env)
  const list = mode === 'sealed' ? [] : await sessions.users.list(session.userId)
  return c.render(
    <section class="medium">
      <h1>Your devices</h1>
      <p class="lead">{modeText[mode].devices}</p>
      <form method="post">
        {list.length > 0 && (
          <ul class="devices">
            {list.map((device) => (
              <Device key={device.id} device={device} here={device.id === session.id} />
            ))}
          </ul>
        )}
        <div class="actions">
          <button type="submit" name="end" value={OTHERS}>
            Sign out everywhere else
          </button>
          <a class="button secondary" href="/account/activity">
            Recent activity
          </a>
          <a class="button secondary" href="/account">
            Back to the account
          </a>
        </div>
      </form>
      {session.isFresh(FRESH_FOR_DEVICES) ? mode === 'sealed' && <LaterOnes /> : <PasswordFirst />}
    </section>,
    { title: 'Your devices' },
  )
})

/** With revocations, what ends is what authenticated before the session that stays. */
function LaterOnes() {
  return (
    <p class="quiet">
      This reaches whoever signed in before you did here. For later ones too,{' '}
      <a href={detour('/confirm', '/account/devices')}>give your password again</a> first.
    </p>
  )
}

function PasswordFirst() {
  return <p class="quiet">Your password will be asked for first: it was given more than five minutes ago.</p>
}

// Whoever was signed out a moment ago must not sign out the others in return.
devices.post('/', requireFresh(FRESH_FOR_DEVICES), requireAuthoritative(), form('end'), async (c) => {
  const { end } = c.req.valid('form')
  if (end === c.var.session.id) {
    c.var.session.signOut()
    return c.redirect('/signed-out', 303)
  }
  await (end === OTHERS ? endOthers(c.var) : endOne(c.var, end))
  return c.redirect('/account/devices', 303)
})

type SignedIn = (DemoEnv & SignedInEnv)['Variables']

async function endOthers({ session, sessions }: SignedIn): Promise<void> {
  const count = await sessions.users.revokeAll(session.userId, { except: session })
  session.flash('notice', outcome(count))
}

/** @param count How many ended; with revocations nobody knows. */
function outcome(count: number | undefined): string {
  if (count === undefined) return 'Whoever signed in before you did here is signed out.'
  return count === 0 ? 'You were signed in nowhere else.' : 'You are signed out everywhere else.'
}

/** The id comes from a form: that of somebody else's session ends nothing. */
async function endOne({ session, sessions }: SignedIn, id: string): Promise<void> {
  const ended = await sessions.users.revoke(id, session.userId)
  if (ended) session.flash('notice', 'That device is signed out.')
  else session.flash('problem', 'No device of yours is signed in under that id.')
}
