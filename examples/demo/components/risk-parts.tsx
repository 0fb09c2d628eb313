import type { Assessment } from 'wafer-session/monitor'
import { visible } from '../visible.ts'

/** Why the monitor says what it says: every part of a risk, in bits. */
export function RiskParts({ assessment: { risk, action, parts } }: { assessment: Assessment }) {
  return (
    <div class="card">
      <h3>What the monitor made of it</h3>
      <p>
        Risk <strong>{risk.toFixed(3)}</strong>, so: <code>{action}</code>. The parts add up; each bit doubles
        the odds that this is a thief.
      </p>
      <section class="scroll stacked" tabindex={0} aria-label="Parts of the risk">
        <table>
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col">Why</th>
              <th scope="col">Bits</th>
            </tr>
          </thead>
          <tbody>
            {parts.map(({ name, text, bits }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{visible(text)}</td>
                <td class="figure">{`${bits > 0 ? '+' : ''}${bits.toFixed(1)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}
