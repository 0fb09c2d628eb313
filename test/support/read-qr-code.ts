/** A reader for clean QR codes (ISO/IEC 18004): level M, versions 5 to 10, one segment of bytes, no error to correct. */

type Modules = readonly (readonly boolean[])[]

/** By version: the centres of the alignment patterns, words of error correction per block, words of data of each block. */
const VERSIONS: Record<number, { centres: number[]; check: number; blocks: number[] }> = {
  5: { centres: [6, 30], check: 24, blocks: [43, 43] },
  6: { centres: [6, 34], check: 16, blocks: [27, 27, 27, 27] },
  7: { centres: [6, 22, 38], check: 18, blocks: [31, 31, 31, 31] },
  8: { centres: [6, 24, 42], check: 22, blocks: [38, 38, 39, 39] },
  9: { centres: [6, 26, 46], check: 22, blocks: [36, 36, 36, 37, 37] },
  10: { centres: [6, 28, 50], check: 26, blocks: [43, 43, 43, 43, 44] },
}

/** Which modules are inverted, by mask: row and column. */
const MASKS: readonly ((y: number, x: number) => boolean)[] = [
  (y, x) => (y + x) % 2 === 0,
  (y) => y % 2 === 0,
  (_, x) => x % 3 === 0,
  (y, x) => (y + x) % 3 === 0,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (y, x) => ((y * x) % 2) + ((y * x) % 3) === 0,
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2 === 0,
  (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2 === 0,
]

/** The modules of a code without its quiet zone; true is black. */
export function readQrCode(modules: Modules): string {
  const version = (modules.length - 17) / 4
  const { blocks, check, centres } = VERSIONS[version] ?? fail(`version ${version}`)
  const format = numberOf(formatBits(modules)) ^ 0b101010000010010
  if (format >> 13 !== 0) fail('not level M')
  const mask = MASKS[(format >> 10) & 7] as (typeof MASKS)[number]
  const bits = path(modules.length)
    .filter(([y, x]) => !isFixed(modules.length, centres, y, x))
    .map(([y, x]) => modules[y]?.[x] !== mask(y, x))
  const words = Array.from({ length: Math.floor(bits.length / 8) }, (_, i) =>
    numberOf(bits.slice(i * 8, i * 8 + 8)),
  )
  const total = blocks.reduce((sum, length) => sum + length + check, 0)
  if (words.length !== total) fail(`${words.length} words instead of ${total}`)
  return textOf(deinterleave(words, blocks), version < 10 ? 8 : 16)
}

/** Fifteen bits around the upper left corner, the first one first. */
function formatBits(modules: Modules): boolean[] {
  const row = [0, 1, 2, 3, 4, 5, 7, 8].map((x) => modules[8]?.[x])
  const column = [7, 5, 4, 3, 2, 1, 0].map((y) => modules[y]?.[8])
  return [...row, ...column].map((module) => module === true)
}

/** From the lower right corner in columns of two, up and down, around the column of the timing pattern. */
function path(size: number): [y: number, x: number][] {
  const columns = Array.from({ length: (size - 1) / 2 }, (_, i) => size - 1 - 2 * i).map((x) =>
    x > 6 ? x : x - 1,
  )
  return columns.flatMap((right, turn) =>
    Array.from({ length: size }, (_, i) => (turn % 2 === 0 ? size - 1 - i : i)).flatMap((y) => [
      [y, right] as [number, number],
      [y, right - 1] as [number, number],
    ]),
  )
}

function isFixed(size: number, centres: readonly number[], y: number, x: number): boolean {
  const end = size - 8
  const inCorner = (y < 9 && x < 9) || (y < 9 && x >= end) || (y >= end && x < 9)
  const inVersion = size >= 45 && ((y < 6 && x >= end - 3) || (x < 6 && y >= end - 3))
  const last = centres.at(-1)
  const near = (at: number) => centres.find((centre) => Math.abs(centre - at) <= 2)
  const [cy, cx] = [near(y), near(x)]
  const isCorner = (cy === 6 && cx === 6) || (cy === 6 && cx === last) || (cy === last && cx === 6)
  const inAlignment = cy !== undefined && cx !== undefined && !isCorner
  return inCorner || inVersion || inAlignment || y === 6 || x === 6
}

/** Words of data, block after block, without those of error correction. */
function deinterleave(words: readonly number[], lengths: readonly number[]): number[] {
  const blocks: number[][] = lengths.map(() => [])
  let at = 0
  for (let i = 0; i < Math.max(...lengths); i++) {
    for (const [n, length] of lengths.entries()) if (i < length) blocks[n]?.push(words[at++] as number)
  }
  return blocks.flat()
}

function textOf(words: readonly number[], countBits: number): string {
  const bits = words.flatMap((word) => Array.from({ length: 8 }, (_, i) => ((word >> (7 - i)) & 1) === 1))
  if (numberOf(bits.slice(0, 4)) !== 0b0100) fail('not a segment of bytes')
  const start = 4 + countBits
  const count = numberOf(bits.slice(4, start))
  const bytes = Array.from({ length: count }, (_, i) =>
    numberOf(bits.slice(start + i * 8, start + i * 8 + 8)),
  )
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes))
}

function numberOf(bits: readonly boolean[]): number {
  return bits.reduce((number, bit) => number * 2 + Number(bit), 0)
}

function fail(why: string): never {
  throw new Error(`This reader cannot read it: ${why}.`)
}
