import { Hono } from 'hono'
import { requireUser } from 'wafer-session/hono'
import { ActivityList } from '../components/activity-list.tsx'
import type { DemoEnv } from '../env.ts'
import { modeOf } from '../sessions.ts'
import { activityIn } from '../watch/activity.ts'

/** For the user: what became of their sessions, so that they see what was not them. */
export const activity = new Hono<DemoEnv>()

activity.get('/', requireUser(), async (c) => {
  const { session } = c.var
  const entries = await activityIn(c.env).list(session.userId)
  return c.render(
    <section class="medium">
      <h1>Recent activity</h1>
      <p class="lead">
        Sign-ins, step-ups and ends of your sessions, the last 50 of 90 days. What does not look like you may
        not have been you. {modeOf(c.env) !== 'durable-object' && 'KV may be a minute late with it.'}
      </p>
      {entries.length > 0 ? (
        <ActivityList entries={entries} here={session.id} />
      ) : (
        <p class="card">Nothing yet: what happened a moment ago may still be on its way to the log.</p>
      )}
      <div class="actions">
        <a class="button secondary" href="/account/devices">
          Your devices
        </a>
        <a class="button secondary" href="/account">
          Back to the account
        </a>
      </div>
    </section>,
    { title: 'Recent activity' },
  )
})
