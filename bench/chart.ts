import { writeFileSync } from 'node:fs'
import { FLOOR, OURS, PEERS } from './peers.ts'
import type { Table } from './table.ts'

const FILE = new URL('../docs/bench.svg', import.meta.url)

/** Pixels. */
const WIDTH = 880
const PANEL = { width: 424, gap: 32, top: 92, title: 30, row: 34, bar: 11, names: 172, numbers: 46 }

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
    text(
      0,
      height - 10,
      'Medians on one machine with two cores, peers interleaved. A cut bar goes on off the page.',
      'dim',
    ),
  ]
  writeFileSync(FILE, svg(height, parts))
}

function svg(height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 0 ${WIDTH + 32} ${height}" role="img" aria-labelledby="title">
<title id="title">Microseconds that a session adds to a request, by library and runtime</title>
<style>
  svg { --ink: #1b1f24; --dim: #59636e; --ours: #b4530a; --peer: #6a7f99; --floor: #8f98a3; --page: #fff }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e8edf2; --dim: #98a2ad; --ours: #f0964a; --peer: #7f96b3; --floor: #626c77; --page: #0d1117 }
  }
  .page { fill: var(--page) }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  .head { font-size: 17px; font-weight: 600 } .name { font-size: 15px; font-weight: 600 }
  .dim { fill: var(--dim); font-size: 12px } .own { font-weight: 600 } .number { font-size: 11px; fill: var(--dim) }
  .ours { fill: var(--ours) } .peer { fill: var(--peer) } .floor { fill: var(--floor) } .write { opacity: 0.5 }
  .cut { stroke: var(--page); stroke-width: 3 }
</style>
<rect class="page" x="-16" width="${WIDTH + 32}" height="${height}"/>
${parts.join('\n')}
</svg>
`
}

function heading(): string[] {
  return [
    text(0, 28, 'What a session adds to a request, in microseconds', 'head'),
    text(0, 50, 'Over the same application without a session. 133 bytes of data, encrypted cookie.', 'dim'),
    `<rect class="peer" x="0" y="62" width="22" height="${PANEL.bar}"/>`,
    text(28, 72, 'reading', 'dim'),
    `<rect class="peer write" x="88" y="62" width="22" height="${PANEL.bar}"/>`,
    text(116, 72, 'reading and writing', 'dim'),
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
${text(0, 16, runtime, 'name')}
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
  return [text(0, y + 16, name, kind === 'ours' ? 'own' : ''), ...bars].join('\n')
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
${text(end + 5, y + PANEL.bar - 1.5, number, 'number')}`
}

function text(x: number, y: number, words: string, kind: string): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x.toFixed(1)}" y="${y}"${kind && ` class="${kind}"`}>${escaped}</text>`
}
