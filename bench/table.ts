/** As it is printed; the first column is text. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  readonly notes?: readonly string[]
}

export function formatTable({ title, columns, rows, notes = [] }: Table): string {
  const cells = [columns, ...rows].map((row) => row.map((cell) => (Number.isNaN(cell) ? '-' : String(cell))))
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  const lines = cells.map((row) =>
    row
      .map((cell, at) => align(cell, widths[at] ?? 0, at))
      .join('  ')
      .trimEnd(),
  )
  return [`\n${title}`, ...lines.map((line) => `  ${line}`), ...notes.map((note) => `  ${note}`)].join('\n')
}

function align(cell: string, width: number, column: number): string {
  return column === 0 || /[a-z]{3}/i.test(cell) ? cell.padEnd(width) : cell.padStart(width)
}

/** Three digits that mean something. */
export function rounded(value: number): number {
  if (Math.abs(value) >= 100) return Math.round(value)
  return Math.abs(value) >= 10 ? Math.round(value * 10) / 10 : Math.round(value * 100) / 100
}
