import type { Recent } from '../watch/recent.ts'
import { EventList } from './event-list.tsx'
import { Refusals } from './refusals.tsx'
import { RiskChart } from './risk-chart.tsx'
import { SignInMap } from './sign-in-map.tsx'

/** All that changes on the operator's page: in the page itself, and again in every server-sent event. */
export function Live({ recent }: { recent: Recent }) {
  return (
    <div class="live">
      <div class="overview">
        <section class="card" aria-labelledby="risk">
          <h2 id="risk">Risk</h2>
          <RiskChart judged={recent.judged} />
        </section>
        <section class="card" aria-labelledby="places">
          <h2 id="places">Places</h2>
          <SignInMap places={[...recent.places.values()]} />
        </section>
        <section class="card" aria-labelledby="refusals">
          <h2 id="refusals">Refused cookies</h2>
          <Refusals counts={recent.refusals} />
        </section>
      </div>
      <section class="card" aria-labelledby="events">
        <h2 id="events">Events</h2>
        <EventList events={recent.events} />
      </section>
    </div>
  )
}
