/** As it is printed; the first column is text. */
export interface Table {
  readonly title: string
  /** The runtime that it is about. */
  readonly runtime?: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  readonly notes?: readonly string[]
}

export function formatTable({ title, columns, rows, notes = [] }: Table): string {
  const cells = [columns, ...rows].map((row) => row.map(String))
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  const numeric = columns.map((_, at) => rows.some((row) => typeof row[at] === 'number'))
  const align = (cell: string, at: number) =>
    numeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)
  const lines = cells.map((row) => row.map(align).join('  ').trimEnd())
  return [`\n${title}`, ...[...lines, ...notes].map((line) => `  ${line}`)].join('\n')
}

/** Three digits that mean something. */
export function rounded(value: number): number {
  if (Math.abs(value) >= 100) return Math.round(value)
  return Math.abs(value) >= 10 ? Math.round(value * 10) / 10 : Math.round(value * 100) / 100
}
