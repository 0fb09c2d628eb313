/** A page of its own, in the colours of the viewer's scheme. */
export interface Page {
  /** Pixels; a margin is added on the left and the right. */
  readonly width: number
  readonly height: number
  /** For those who do not see it. */
  readonly title: string
  /** Rules beyond those that all charts share. */
  readonly style: string
  readonly parts: readonly string[]
}

export function svgPage({ width, height, title, style, parts }: Page): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 0 ${width + 32} ${height}" role="img" aria-labelledby="title">
<title id="title">${escaped(title)}</title>
<style>
  svg { --ink: #1b1f24; --dim: #59636e; --ours: #b4530a; --peer: #6a7f99; --floor: #8f98a3; --page: #fff }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e8edf2; --dim: #98a2ad; --ours: #f0964a; --peer: #7f96b3; --floor: #626c77; --page: #0d1117 }
  }
  .page { fill: var(--page) }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  .head { font-size: 17px; font-weight: 600 } .name { font-size: 15px; font-weight: 600 }
  .dim { fill: var(--dim); font-size: 12px } .own { font-weight: 600 } .number { font-size: 11px; fill: var(--dim) }
${style}
</style>
<rect class="page" x="-16" width="${width + 32}" height="${height}"/>
${parts.join('\n')}
</svg>
`
}

export function svgText(x: number, y: number, words: string, kind = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y}"${kind && ` class="${kind}"`}>${escaped(words)}</text>`
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
