import { duration } from '../duration.ts'

interface TimeLeftProps {
  id: string
  label: string
  /** Seconds. */
  left: number
  /** Seconds. */
  total: number
  children?: string
}

/** A bar that empties. `countdown.js` lets it tick; without the script it shows the moment the page was made. */
export function TimeLeft({ id, label, left, total, children }: TimeLeftProps) {
  return (
    <div class="gauge">
      <label for={id}>{label}</label>
      <time datetime={`PT${left}S`} data-left={left}>
        {duration(left)}
      </time>
      <meter id={id} min={0} max={total} low={total / 6} optimum={total} value={left} data-left={left}>
        {duration(left)}
      </meter>
      <p>{children}</p>
    </div>
  )
}
