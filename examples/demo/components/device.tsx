import type { UserSession } from 'wafer-session'
import { Moment } from './moment.tsx'

/** One of the user's sessions, in a form that can end it. */
export function Device({ device, here }: { device: UserSession; here: boolean }) {
  const name = device.device ?? 'An unknown device'
  return (
    <li class="card device">
      <div>
        <h2>
          {name} {here && <span class="badge">This device</span>}
        </h2>
        {/* From request.cf; on this machine wrangler makes one up. */}
        <p class="quiet">{device.location ?? 'Place unknown'}</p>
        <p class="quiet">
          First seen <Moment at={device.createdAt} />
        </p>
        <p class="quiet">Last seen {here ? 'now' : <Moment at={device.lastSeenAt} />}</p>
      </div>
      {here || (
        <button type="submit" name="end" value={device.id} class="secondary" aria-label={`Sign out ${name}`}>
          Sign out
        </button>
      )}
    </li>
  )
}
