import { visible } from '../visible.ts'
import type { Place } from '../watch/recent.ts'
import { outline } from '../world/outline.ts'
import { HEIGHT, path, project, WIDTH } from '../world/project.ts'

const LAND = outline.map(path).join('')

/** Where people signed in, and where the monitor stopped somebody: a picture, and the same in words. */
export function SignInMap({ places }: { places: readonly Place[] }) {
  return (
    <figure class="map">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <path class="land" d={LAND} />
        {places.map((place, i) => (
          <Mark key={i} place={place} number={i + 1} />
        ))}
      </svg>
      <figcaption>
        {places.length === 0 && <p class="quiet">Nobody has signed in from a known place yet.</p>}
        <ol class="places">
          {places.map((place, i) => (
            <li key={i}>
              {visible(place.name)} <span class="quiet">{inWords(place)}</span>
            </li>
          ))}
        </ol>
      </figcaption>
    </figure>
  )
}

/** A circle, or a square where somebody was stopped. */
function Mark({ place: { latitude, longitude, stopped }, number }: { place: Place; number: number }) {
  const [x, y] = project(longitude, latitude)
  return (
    <g>
      {stopped > 0 ? (
        <rect class="stopped" x={x - 14} y={y - 14} width="28" height="28" rx="4" />
      ) : (
        <circle class="place" cx={x} cy={y} r="15" />
      )}
      <text class="number" x={x} y={y + 6}>
        {number}
      </text>
    </g>
  )
}

function inWords({ signIns, stopped }: Place): string {
  const times = stopped === 1 ? 'once' : `${stopped} times`
  const parts = [
    signIns > 0 && (signIns === 1 ? 'one sign-in' : `${signIns} sign-ins`),
    stopped > 0 && `stopped ${times}`,
  ]
  return parts.filter(Boolean).join(', ')
}
