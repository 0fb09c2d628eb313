import type { Field } from '../inspect/field.ts'

/** The bytes in a row, each field in a colour and under a number; then what each of them is. */
export function FieldTable({ fields, caption }: { fields: readonly Field[]; caption: string }) {
  return (
    <div class="fields">
      <p class="bytes">
        {fields.map(({ name, hex, withheld }, i) => (
          <span key={name} class={`field field-${i + 1}`}>
            <span class="mark">{i + 1}</span>
            {hex} {withheld > 0 && <span class="withheld">{`${withheld} bytes withheld`}</span>}{' '}
          </span>
        ))}
      </p>
      <section class="scroll stacked" tabindex={0} aria-label={caption}>
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Bytes</th>
              <th scope="col">What it is</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ name, size, means }, i) => (
              <tr key={name}>
                <th scope="row">
                  <span class={`mark field-${i + 1}`}>{i + 1}</span> {name}
                </th>
                <td class="figure">{size}</td>
                <td>{means}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}
