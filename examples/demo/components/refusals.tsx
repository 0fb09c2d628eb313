import { visible } from '../visible.ts'

/** Why cookies were refused; the clients were told nothing of it. */
export function Refusals({ counts }: { counts: ReadonlyMap<string, number> }) {
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a)
  const most = sorted[0]?.[1] ?? 1
  if (sorted.length === 0) return <p class="quiet">No cookie was refused yet.</p>
  return (
    <ul class="bars">
      {sorted.map(([reason, count]) => (
        <li key={reason}>
          <label for={`reason-${reason}`}>
            <code>{visible(reason)}</code>
          </label>
          <span class="figure">{count}</span>
          <meter id={`reason-${reason}`} min={0} max={most} value={count}>
            {count}
          </meter>
        </li>
      ))}
    </ul>
  )
}
