import { visible } from '../visible.ts'
import type { Entry } from '../watch/recent.ts'
import { EventLine } from './event-line.tsx'
import { Moment } from './moment.tsx'

/** What happened, the latest first. */
export function EventList({ events }: { events: readonly Entry[] }) {
  if (events.length === 0) return <p class="quiet">Nothing has happened yet.</p>
  return (
    <ol class="events" reversed>
      {events.map((event) => (
        <li key={event.number}>
          <EventLine event={event} />
          {event.times > 1 && <span class="badge">{`${event.times} times`}</span>}
          {event.simulated && <span class="badge">simulated</span>}
          <p class="quiet from">
            <Moment at={event.at} />
            {[event.place, event.network]
              .filter((part) => part !== undefined)
              .map((part) => ` · ${visible(part)}`)
              .join('')}
          </p>
          {event.userAgent && <p class="quiet from agent">{visible(event.userAgent)}</p>}
        </li>
      ))}
    </ol>
  )
}
