import type { Judged } from '../watch/recent.ts'

const WIDTH = 400
const HEIGHT = 130
const TOP = 10
const LEFT = 28
/** From which on a monitor without other wishes asks for a step-up. */
const THRESHOLD = 0.5

/** What the monitor made of the last requests, the oldest on the left; what was stopped is a square and not a dot. */
export function RiskChart({ judged }: { judged: readonly Judged[] }) {
  const oldestFirst = judged.toReversed()
  const step = (WIDTH - LEFT - 10) / Math.max(1, oldestFirst.length - 1)
  const stopped = judged.filter(({ action }) => action !== 'allow' && action !== 'report').length
  return (
    <figure class="risk">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 2 * TOP}`} aria-hidden="true">
        {[0, THRESHOLD, 1].map((risk) => (
          <g key={risk}>
            <line
              class={risk === THRESHOLD ? 'threshold' : 'axis'}
              x1={LEFT}
              x2={WIDTH}
              y1={heightOf(risk)}
              y2={heightOf(risk)}
            />
            <text class="scale" x={LEFT - 6} y={heightOf(risk) + 4}>
              {risk}
            </text>
          </g>
        ))}
        {oldestFirst.map((one, i) => (
          <Mark key={i} judged={one} x={LEFT + 6 + i * step} />
        ))}
      </svg>
      <figcaption class="quiet">
        {judged.length === 0
          ? 'No request of a signed-in session yet.'
          : `${judged.length} requests of signed-in sessions, the latest on the right; ${stopped} of them were asked ` +
            `for a password again or ended (squares). From ${THRESHOLD} on a step-up is asked for.`}
      </figcaption>
    </figure>
  )
}

function Mark({ judged: { risk, action }, x }: { judged: Judged; x: number }) {
  const y = heightOf(risk)
  const isStopped = action !== 'allow' && action !== 'report'
  return isStopped ? (
    <rect class="stopped" x={x - 4} y={y - 4} width="8" height="8" />
  ) : (
    <circle class="allowed" cx={x} cy={y} r="3.5" />
  )
}

function heightOf(risk: number): number {
  return TOP + (1 - risk) * HEIGHT
}
