import { svgPage, svgText } from '../../bench/svg.ts'
import type { Evaluation } from './evaluate.ts'
import type { CurvePoint } from './figures.ts'

const WIDTH = 880
const HEIGHT = 440
/** The curve's panel, in pixels: where it is and how large. */
const PLOT = { left: 44, top: 92, width: 430, height: 276 }
/** The bars' panel. */
const BARS = { left: 540, top: 104, row: 44, names: 0, width: 268 }

/** False alarms per 1,000 requests at both ends of the axis, which is logarithmic. */
const [LEAST, MOST] = [0.02, 50]

const STYLE = `  .curve { fill: none; stroke: var(--ours); stroke-width: 2.5 } .ours { fill: var(--ours) } .peer { fill: var(--peer) }
  .grid { stroke: var(--dim); stroke-width: 0.5; opacity: 0.35 } .limit { stroke: var(--dim); stroke-dasharray: 4 3 }
  .end { text-anchor: end } .middle { text-anchor: middle } .rest { fill: var(--floor); opacity: 0.25 }`

/** docs/evaluation.svg: what is caught, against what it costs; and by kind of theft. */
export function drawEvaluation(evaluation: Evaluation): string {
  const { users, thefts, requests } = evaluation
  const parts = [
    svgText(0, 28, 'Thefts caught within five requests, and what it costs', 'head'),
    svgText(
      0,
      50,
      `Simulated: ${users} users that no weight was fitted to, ${requests.toLocaleString('en')} requests, ${thefts} thefts.`,
      'dim',
    ),
    svgText(0, 80, 'By false alarms per 1,000 requests, renewed ids aside', 'own'),
    ...grid(),
    curve(evaluation.curve),
    ...evaluation.rules.map((rule) => mark(rule, `${rule.rule.replace('-', ' ')} alone`, 'peer')),
    mark({ ...evaluation, theftsCaught: evaluation.theftsCaughtByLooks }, 'default thresholds', 'ours'),
    svgText(BARS.left, 80, 'Caught at the default thresholds, by kind', 'own'),
    ...bars(evaluation),
    ...legend(),
    svgText(
      0,
      HEIGHT - 14,
      'A dashed line: the promised 1 in 1,000. Real users differ: docs/monitoring.md has the limits.',
      'dim',
    ),
  ]
  const title = 'Share of simulated thefts that are caught, against the rate of false alarms'
  return svgPage({ width: WIDTH, height: HEIGHT, title, style: STYLE, parts })
}

function x(perRequest: number): number {
  const share = Math.log(Math.max(LEAST, perRequest * 1000) / LEAST) / Math.log(MOST / LEAST)
  return PLOT.left + Math.min(1, share) * PLOT.width
}

function y(share: number): number {
  return PLOT.top + (1 - share) * PLOT.height
}

function grid(): string[] {
  const bottom = PLOT.top + PLOT.height
  const right = PLOT.left + PLOT.width
  const rows = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<path class="grid" d="M${PLOT.left} ${y(share)}H${right}"/>`,
    svgText(PLOT.left - 8, y(share) + 4, `${share * 100} %`, 'number end'),
  ])
  const columns = [0.03, 0.1, 0.3, 1, 3, 10, 30].flatMap((alarms) => [
    `<path class="${alarms === 1 ? 'limit' : 'grid'}" d="M${x(alarms / 1000).toFixed(1)} ${PLOT.top}V${bottom}"/>`,
    svgText(x(alarms / 1000), bottom + 16, String(alarms), 'number middle'),
  ])
  return [...rows, ...columns]
}

function curve(points: readonly CurvePoint[]): string {
  const shown = points.filter(({ falseAlarmsPerRequest }) => falseAlarmsPerRequest * 1000 >= LEAST)
  const steps = shown.map(
    (point, at) =>
      `${at === 0 ? 'M' : 'L'}${x(point.falseAlarmsPerRequest).toFixed(1)} ${y(point.theftsCaught).toFixed(1)}`,
  )
  return `<path class="curve" d="${steps.join('')}"/>`
}

interface Mark {
  readonly falseAlarmsPerRequest: number
  readonly theftsCaught: number
}

function mark(at: Mark, words: string, kind: string): string {
  const [left, top] = [x(at.falseAlarmsPerRequest), y(at.theftsCaught)]
  const label =
    kind === 'ours'
      ? svgText(left - 9, top - 8, words, 'number end')
      : svgText(left, top + 18, words, 'number middle')
  return `<circle class="${kind}" cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="5"/>${label}`
}

function legend(): string[] {
  const top = BARS.top + 5 * BARS.row + 14
  return [
    `<rect class="ours" x="${BARS.left}" y="${top}" width="22" height="12"/>`,
    svgText(BARS.left + 28, top + 10, 'by the first request', 'dim'),
    `<rect class="peer" x="${BARS.left + 160}" y="${top}" width="22" height="12"/>`,
    svgText(BARS.left + 188, top + 10, 'by the fifth', 'dim'),
  ]
}

function bars({ perClass }: Evaluation): string[] {
  return Object.entries(perClass).flatMap(([kind, { caught, caughtAtOnce, thefts }], at) => {
    const top = BARS.top + at * BARS.row
    const rect = (className: string, share: number) =>
      `<rect class="${className}" x="${BARS.left}" y="${top + 8}" width="${(share * BARS.width).toFixed(1)}" height="12"/>`
    return [
      svgText(BARS.left, top, `${kind}, ${thefts} thefts`, 'dim'),
      rect('rest', 1),
      rect('peer', caught),
      rect('ours', caughtAtOnce),
      svgText(BARS.left + BARS.width + 8, top + 18, `${(caught * 100).toFixed(0)} %`, 'number'),
    ]
  })
}
