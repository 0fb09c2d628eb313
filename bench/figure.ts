import type { Table } from './table.ts'

/** A measured number beside what it has to reach. */
export interface Figure {
  readonly value: number | string
  readonly reach: string
}

/** By what was measured. */
export type Figures = Record<string, Figure>

export function figureTable(title: string, figures: Figures): Table {
  const rows = Object.entries(figures).map(([name, { value, reach }]) => [name, value, reach])
  return { title, columns: ['', 'measured', 'reach'], rows }
}
