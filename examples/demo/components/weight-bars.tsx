import type { Weight } from '../inspect/weigh.ts'
import { visible } from '../visible.ts'

/** Every byte accounted for; the keys of the application's own data are marked. */
export function WeightBars({ weights }: { weights: readonly Weight[] }) {
  const most = Math.max(...weights.map(({ bytes }) => bytes))
  return (
    <ul class="bars" aria-label="What weighs how much">
      {weights.map(({ name, bytes, own }, i) => (
        <li key={name}>
          <label for={`weight-${i}`}>{own ? <code>{`data.${visible(name)}`}</code> : name}</label>
          <span class="figure">{`${bytes} bytes`}</span>
          <meter id={`weight-${i}`} min={0} max={most} value={bytes} class={own ? 'own' : undefined}>
            {bytes}
          </meter>
        </li>
      ))}
    </ul>
  )
}
