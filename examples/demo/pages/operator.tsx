import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { ConsoleNav } from '../components/console-nav.tsx'
import { Live } from '../components/live.tsx'
import type { DemoEnv } from '../env.ts'
import { recent } from '../watch/watched.ts'

/** For the operator: what happens to all sessions. In a real application it stands behind a role. */
export const operator = new Hono<DemoEnv>()

operator.get('/', (c) =>
  c.render(
    <section>
      <ConsoleNav c={c} />
      <h1>Operator</h1>
      <p class="lead">
        What this isolate of the Worker has seen since it started: the last 200 of everything, and counts.
        Open to everybody because this is a demo; a real one lets in operators only.
      </p>
      <p class="live-state" role="status" data-live="/console/operator/events">
        As of now. Reload the page to see more.
      </p>
      <div id="live">
        <Live recent={recent} />
      </div>
      <script src="/live.js" defer></script>
    </section>,
    { title: 'Operator' },
  ),
)

/** Seconds after which the browser connects anew: nobody who went away is written to for longer. */
const LASTS = 300

/**
 * A request of a Worker cannot be woken by another one, so this one looks every second. What it sends is what stands in the
 * page, escaped in the same way.
 */
operator.get('/events', (c) =>
  streamSSE(c, async (stream) => {
    let sent = -1
    for (let second = 0; second < LASTS && !stream.aborted; second++) {
      if (recent.version !== sent) {
        sent = recent.version
        await stream.writeSSE({ data: String(<Live recent={recent} />) })
      }
      await stream.sleep(1000)
    }
  }),
)
