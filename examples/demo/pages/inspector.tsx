import { type Context, Hono } from 'hono'
import { ConsoleNav } from '../components/console-nav.tsx'
import { FieldTable } from '../components/field-table.tsx'
import { TimeLeft } from '../components/time-left.tsx'
import { WeightBars } from '../components/weight-bars.tsx'
import { cookieWeight } from '../cookie-weight.ts'
import { duration } from '../duration.ts'
import { type DemoEnv, PENDING_TIMEOUT, RENEWAL_TIMEOUT, rememberTimeouts, timeouts } from '../env.ts'
import { type RecordFacts, type SessionFacts, sessionFacts } from '../inspect/cookie-facts.ts'
import { renewedAt } from '../inspect/renewed-at.ts'
import { modeText } from '../mode-text.ts'
import { modeOf } from '../sessions.ts'

/** For the developer: what there is of the session at hand, on both sides. */
export const inspector = new Hono<DemoEnv>()

inspector.get('/', async (c) => {
  const facts = await sessionFacts(c)
  return c.render(
    <section class="medium">
      <ConsoleNav c={c} />
      <h1>This session</h1>
      {facts === null ? <NoSession /> : <Facts c={c} facts={facts} />}
    </section>,
    { title: 'This session' },
  )
})

function NoSession() {
  return (
    <>
      <p class="lead">There is none: you have no cookie, so this shop has spent nothing on you.</p>
      <p>
        <a class="button" href="/">
          Put something into the cart
        </a>
      </p>
    </>
  )
}

function Facts({ c, facts: { fields, weights, record } }: { c: Context<DemoEnv>; facts: SessionFacts }) {
  const weight = cookieWeight(c, c.var.sessions)
  return (
    <>
      <p class="lead">{`It is ${modeText[modeOf(c.env)].short}. The cookie weighs ${weight} bytes of 4096.`}</p>
      <h2>Time left</h2>
      <Times c={c} />
      <h2>The cookie, byte by byte</h2>
      <div class="card">
        <FieldTable fields={fields} caption="The fields of the cookie" />
        <p class="quiet">
          Some bytes are withheld: whoever has all of them is you. A page can be photographed, cached, and
          read by extensions, and the cookie is HttpOnly to keep it from them.
        </p>
      </div>
      <h2>{record ? 'What weighs how much in the record' : 'What weighs how much in the cookie'}</h2>
      <div class="card">
        <WeightBars weights={weights} />
      </div>
      <h2>What the store has</h2>
      {record ? <StoreRecord record={record} /> : <NoRecord c={c} />}
    </>
  )
}

function Times({ c }: { c: Context<DemoEnv> }) {
  const { session } = c.var
  const { idleTimeout, absoluteTimeout } = session.data.remembered ? rememberTimeouts : timeouts
  const secondsTo = (moment: number) => Math.max(0, Math.floor((moment - Date.now()) / 1000))
  if (session.pending?.reason === 'second-factor') return <HalfSignIn left={secondsTo(session.expiresAt)} />
  const since = session.authTime === undefined ? 'it began' : 'you last showed who you are'
  const end = (session.authTime ?? session.createdAt) + absoluteTimeout * 1000
  return (
    <div class="card">
      <TimeLeft id="idle" label="Idle timeout" left={secondsTo(session.expiresAt)} total={idleTimeout}>
        {`Ends after ${duration(idleTimeout)} without a request.`}
      </TimeLeft>
      <TimeLeft id="absolute" label="Absolute timeout" left={secondsTo(end)} total={absoluteTimeout}>
        {`Ends ${duration(absoluteTimeout)} after ${since}, whatever happens.`}
      </TimeLeft>
      <Renewal c={c} secondsTo={secondsTo} />
    </div>
  )
}

function HalfSignIn({ left }: { left: number }) {
  return (
    <div class="card">
      <TimeLeft id="pending" label="Half a sign-in" left={left} total={PENDING_TIMEOUT}>
        {`Ends after ${duration(PENDING_TIMEOUT)}, whatever happens, unless the second factor is given.`}
      </TimeLeft>
    </div>
  )
}

/** Only a store that can compare and set can replace tokens, and only those of signed-in sessions are. */
function Renewal({ c, secondsTo }: { c: Context<DemoEnv>; secondsTo: (moment: number) => number }) {
  const { session } = c.var
  if (modeOf(c.env) !== 'durable-object' || session.userId === undefined) {
    return <p class="quiet">No renewal of a token: it takes a signed-in session in a Durable Object.</p>
  }
  const since = renewedAt(session.id)
  if (since === undefined) {
    return <p class="quiet">The token was renewed before this isolate of the Worker started.</p>
  }
  return (
    <TimeLeft
      id="renewal"
      label="Renewal of the token"
      left={secondsTo(since + RENEWAL_TIMEOUT * 1000)}
      total={RENEWAL_TIMEOUT}
    >
      Then the next request gets a new token. The old one, used again, gives a thief away.
    </TimeLeft>
  )
}

function StoreRecord({ record: { key, fields, size } }: { record: RecordFacts }) {
  return (
    <div class="card">
      <dl class="facts">
        <dt>Key</dt>
        <dd>
          <code class="wrap">{key}</code>, the handle
        </dd>
        <dt>Value</dt>
        <dd>{`${size} characters of base64url`}</dd>
        <dt>Also</dt>
        <dd>when it may be forgotten, and keyed hashes of user ids to list a user’s sessions by</dd>
        <dt>Not seen</dt>
        <dd>who you are, what is in your cart, when you came and from where, and the token that opens it</dd>
      </dl>
      <FieldTable fields={fields} caption="The fields of the record" />
    </div>
  )
}

function NoRecord({ c }: { c: Context<DemoEnv> }) {
  const text =
    modeOf(c.env) === 'sealed'
      ? 'Nothing of this session, as long as it lasts. Once it is ended there is a mark in KV: a keyed hash of its id as the ' +
        'key, a time as the value.'
      : 'Nothing under this handle: the record was written a moment ago, and reads may be late.'
  return <p class="card">{text}</p>
}
