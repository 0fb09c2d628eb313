import { writeFileSync } from 'node:fs'
import { FLOOR, OURS, PEERS } from './peers.ts'
import { svgPage, svgText } from './svg.ts'
import type { Table } from './table.ts'

const FILE = new URL('../docs/bench.svg', import.meta.url)

/** Pixels. */
const WIDTH = 880
const PANEL = { width: 424, gap: 32, top: 92, title: 30, row: 34, bar: 11, names: 172, numbers: 46 }

const TITLE = 'Microseconds that a session adds to a request, by library and runtime'
const STYLE = `  .ours { fill: var(--ours) } .peer { fill: var(--peer) } .floor { fill: var(--floor) } .write { opacity: 0.5 }
  .cut { stroke: var(--page); stroke-width: 3 }`

const READ_AND_WRITE = ['read', 'write'] as const
const SHOWN = Object.keys(PEERS).filter(
  (peer) => peer === FLOOR || (PEERS[peer]?.encrypts && !PEERS[peer]?.only),
)

/** The peers that encrypt, on every runtime: docs/bench.svg. Colours are those of the viewer's scheme. */
export function writeChart(tables: readonly Table[]): void {
  const panels = tables.filter(({ runtime }) => runtime !== undefined)
  const height = panelHeight() * Math.ceil(panels.length / 2) + PANEL.top + 44
  const parts = [
    ...heading(),
    ...panels.map((table, at) =>
      panel(table, (at % 2) * (PANEL.width + PANEL.gap), Math.floor(at / 2) * panelHeight()),
    ),
    svgText(
      0,
      height - 10,
      'Medians on one machine with two cores, peers interleaved. A cut bar goes on off the page.',
      'dim',
    ),
  ]
  writeFileSync(FILE, svgPage({ width: WIDTH, height, title: TITLE, style: STYLE, parts }))
}

function heading(): string[] {
  return [
    svgText(0, 28, 'What a session adds to a request, in microseconds', 'head'),
    svgText(
      0,
      50,
      'Over the same application without a session. 133 bytes of data, encrypted cookie.',
      'dim',
    ),
    `<rect class="peer" x="0" y="62" width="22" height="${PANEL.bar}"/>`,
    svgText(28, 72, 'reading', 'dim'),
    `<rect class="peer write" x="88" y="62" width="22" height="${PANEL.bar}"/>`,
    svgText(116, 72, 'reading and writing', 'dim'),
  ]
}

function panelHeight(): number {
  return PANEL.title + SHOWN.length * PANEL.row + 20
}

function panel({ runtime = '', columns, rows }: Table, x: number, y: number): string {
  const of = (peer: string, column: string) =>
    Number(rows.find(([title]) => title === PEERS[peer]?.title)?.[columns.indexOf(column)])
  const both = (peer: string) => of(peer, 'read') + of(peer, 'write')
  const order = SHOWN.toSorted((a, b) => rank(a) - rank(b) || both(a) - both(b))
  const scale = (PANEL.width - PANEL.names - PANEL.numbers) / widest(order.map((peer) => of(peer, 'write')))
  const lines = order.map((peer, at) => {
    const values = READ_AND_WRITE.map((column) => of(peer, column))
    return row(peer, values, PANEL.title + at * PANEL.row, scale)
  })
  return `<g transform="translate(${x} ${y + PANEL.top})">
${svgText(0, 16, runtime, 'name')}
${lines.join('\n')}
</g>`
}

/** The floor first, then the library, then its peers. */
function rank(peer: string): number {
  return [FLOOR, OURS].includes(peer) ? [FLOOR, OURS].indexOf(peer) : 2
}

/** What is more than three times the middle one would make all others thin. */
function widest(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const limit = 3 * (sorted[sorted.length >> 1] ?? 1)
  return Math.max(...sorted.filter((value) => value <= limit))
}

function row(peer: string, values: readonly number[], y: number, scale: number): string {
  const kind = peer === OURS ? 'ours' : peer === FLOOR ? 'floor' : 'peer'
  const name = peer === FLOOR ? 'floor: bare calls, JSON' : (PEERS[peer]?.title ?? peer)
  const bars = values.map((value, at) =>
    bar(value, { kind, write: at === 1, y: y + at * (PANEL.bar + 1), scale }),
  )
  return [svgText(0, y + 16, name, kind === 'ours' ? 'own' : ''), ...bars].join('\n')
}

interface Bar {
  readonly kind: string
  readonly write: boolean
  readonly y: number
  readonly scale: number
}

function bar(value: number, { kind, write, y, scale }: Bar): string {
  const room = PANEL.width - PANEL.names - PANEL.numbers
  const full = Math.max(1, value * scale)
  const width = Math.min(full, room)
  const end = PANEL.names + width
  const cut =
    full > room ? `<path class="cut" d="M${end - 16} ${y + PANEL.bar + 1}l6 -${PANEL.bar + 2}"/>` : ''
  const number = Math.round(value).toLocaleString('en')
  return `<rect class="${kind}${write ? ' write' : ''}" x="${PANEL.names}" y="${y}" width="${width.toFixed(1)}" height="${PANEL.bar}"/>${cut}
${svgText(end + 5, y + PANEL.bar - 1.5, number, 'number')}`
}
