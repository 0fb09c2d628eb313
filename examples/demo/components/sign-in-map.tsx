import { visible } from '../visible.ts'
import type { SignInPlace } from '../watch/recent.ts'
import { outline } from '../world/outline.ts'
import { HEIGHT, path, project, WIDTH } from '../world/project.ts'

const LAND = outline.map(path).join('')

/** Where sign-ins came from: a picture, and the same in a list for whom it is none. */
export function SignInMap({ places }: { places: readonly SignInPlace[] }) {
  return (
    <figure class="map">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <path class="land" d={LAND} />
        {places.map(({ latitude, longitude, count }, i) => {
          const [x, y] = project(longitude, latitude)
          return (
            <g key={i}>
              <circle class="place" cx={x} cy={y} r={13 + Math.min(5, Math.log2(count))} />
              <text class="number" x={x} y={y + 6}>
                {i + 1}
              </text>
            </g>
          )
        })}
      </svg>
      <figcaption>
        {places.length === 0 && <p class="quiet">No sign-in from a known place yet.</p>}
        <ol class="places">
          {places.map(({ name, count }, i) => (
            <li key={i}>
              {visible(name)} <span class="quiet">{count === 1 ? 'one sign-in' : `${count} sign-ins`}</span>
            </li>
          ))}
        </ol>
      </figcaption>
    </figure>
  )
}
