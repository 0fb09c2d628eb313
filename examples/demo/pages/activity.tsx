import { Hono } from 'hono'
import { requireUser } from 'wafer-session/hono'
import { EventList } from '../components/event-list.tsx'
import type { DemoEnv } from '../env.ts'
import { recent } from '../watch/watched.ts'

/** For the user: what became of their sessions, so that they see what was not them. */
export const activity = new Hono<DemoEnv>()

activity.get('/', requireUser(), (c) => {
  const { userId } = c.var.session
  const events = recent.events.filter((event) => event.userId === userId)
  return c.render(
    <section class="medium">
      <h1>Recent activity</h1>
      <p class="lead">Sign-ins, step-ups and ends of your sessions.</p>
      <EventList events={events} />
    </section>,
    { title: 'Recent activity' },
  )
})
