import type { FuzzRandom } from './fuzz-random.ts'
import type { Mutator } from './fuzz-target.ts'

/** Characters: more than any header, so that a quadratic loop is seen. */
export const MAX_LENGTH = 65_536

const BLANKS = ['\t', '\n', '\r', '\u0000', ' ', '\u00a0', '\u2028', '\ufeff']
const SIGNS = ['"', '%', ',', '.', '-', '/', ':', ';', '=', '[', ']', '\\', '_', '+', '{', '}', '\u007f']
const FOREIGN = ['\u00e9', '\u0130', '\u0660', '\u200d', '\ud800', '\udc00', '\ud83d\ude00', '\uff1b']
const CHARACTERS = [...BLANKS, ...SIGNS, ...FOREIGN, '0', '9', 'A', 'Z', 'a', 'z']
const NUMBERS = ['0', '-1', '1', '4', '255', '256', '65536', '4294967295', '4294967296', '9007199254740992']
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  8.64e15,
  2 ** 53,
  2 ** 32,
  '',
  '\u0000',
  '\ud800',
  'constructor',
  'x'.repeat(300),
  [],
  {},
  [[]],
  [null],
  { length: 1 },
  JSON.parse('{"then":1}'),
]
const NAMES = ['constructor', 'toString', 'hasOwnProperty', 'length', 'then', '', '0', 'toJSON']

type Change = (input: string, random: FuzzRandom, words: readonly string[], other: string) => string

/** A piece of a text, of any length, short ones more often. */
function piece(text: string, random: FuzzRandom): { start: number; end: number } {
  const start = random.below(text.length + 1)
  const most = random.oneIn(3) ? text.length - start : Math.min(8, text.length - start)
  return { start, end: start + random.below(most + 1) }
}

function replaced(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end)
}

const remove: Change = (text, random) => {
  const { start, end } = piece(text, random)
  return replaced(text, start, end, '')
}

const repeat: Change = (text, random) => {
  const { start, end } = piece(text, random)
  const one = text.slice(start, end)
  const room = Math.max(0, Math.floor((MAX_LENGTH - text.length) / Math.max(1, one.length)))
  const times = random.oneIn(8) ? room : Math.min(room, 1 + random.below(8))
  return replaced(text, end, end, one.repeat(times))
}

const insertWord: Change = (text, random, words) => {
  const { start, end } = piece(text, random)
  return replaced(text, start, random.oneIn(2) ? start : end, random.pick(words))
}

const move: Change = (text, random) => {
  const { start, end } = piece(text, random)
  const rest = replaced(text, start, end, '')
  const to = random.below(rest.length + 1)
  return replaced(rest, to, to, text.slice(start, end))
}

const splice: Change = (text, random, _, other) => {
  const [mine, theirs] = [piece(text, random), piece(other, random)]
  return replaced(text, mine.start, mine.end, other.slice(theirs.start, theirs.end))
}

const cross: Change = (text, random, _, other) =>
  text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1))

const renumber: Change = (text, random) => {
  const numbers = [...text.matchAll(/\d+/g)]
  if (numbers.length === 0) return text + random.pick(NUMBERS)
  const { index, 0: digits } = random.pick(numbers)
  return replaced(text, index, index + digits.length, random.pick(NUMBERS))
}

const changeCase: Change = (text, random) => {
  const { start, end } = piece(text, random)
  const part = text.slice(start, end)
  return replaced(text, start, end, random.oneIn(2) ? part.toUpperCase() : part.toLowerCase())
}

const putCharacter: Change = (text, random) => {
  const at = random.below(text.length + 1)
  return replaced(text, at, at + random.below(2), random.pick(CHARACTERS))
}

const flipBit: Change = (text, random) => {
  if (text === '') return text
  const at = random.below(text.length)
  return replaced(text, at, at + 1, String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(7))))
}

const EVERYWHERE: readonly Change[] = [remove, repeat, insertWord, move, splice, cross]

/** Any text. */
export const mutateText: Mutator = chain([
  ...EVERYWHERE,
  renumber,
  changeCase,
  putCharacter,
  putCharacter,
  flipBit,
])

const putByte: Change = (text, random) => {
  const at = random.below(text.length + 1)
  const byte = random.oneIn(2) ? random.pick([0, 1, 2, 127, 128, 255]) : random.below(256)
  return replaced(text, at, at + random.below(2), String.fromCharCode(byte))
}

const flipByteBit: Change = (text, random) => {
  if (text === '') return text
  const at = random.below(text.length)
  const flipped = (text.charCodeAt(at) & 0xff) ^ (1 << random.below(8))
  return replaced(text, at, at + 1, String.fromCharCode(flipped))
}

/** Bytes, one a character. */
export const mutateBytes: Mutator = chain([...EVERYWHERE, putByte, putByte, flipByteBit, flipByteBit])

/** A JSON text: its values, and now and then its letters. */
export const mutateJson: Mutator = (input, random, words, other) => {
  if (random.oneIn(12)) return mutateText(input, random, words, other)
  let value = parsed(input)
  if (value === undefined) return mutateText(input, random, words, other)
  for (let i = 1 + random.below(3); i > 0; i--) value = changedValue(value, random, words, parsed(other))
  return JSON.stringify(value)?.slice(0, MAX_LENGTH) ?? ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function changedValue(value: unknown, random: FuzzRandom, words: readonly string[], other: unknown): unknown {
  if (typeof value === 'object' && value !== null && !random.oneIn(6)) {
    const keys = Object.keys(value)
    if (keys.length > 0 && !random.oneIn(5)) {
      const key = random.pick(keys)
      const inner = childOf(other, key)
      return withChild(value, key, changedValue(childOf(value, key), random, words, inner))
    }
    return withOtherKeys(value, random, words)
  }
  if (typeof value === 'string' && !random.oneIn(3)) return mutateText(value, random, words, String(other))
  if (typeof value === 'number' && random.oneIn(2)) return value + random.pick([-1, 1, 0.5, 1000, -1000])
  return random.pick([
    ...VALUES,
    other,
    [value],
    { a: value },
    random.pick(words),
    Number(random.pick(NUMBERS)),
    deep(value, random),
  ])
}

function withOtherKeys(value: object, random: FuzzRandom, words: readonly string[]): unknown {
  const keys = Object.keys(value)
  if (keys.length > 0 && random.oneIn(2)) {
    const gone = random.pick(keys)
    if (Array.isArray(value)) return value.filter((_, i) => String(i) !== gone)
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== gone))
  }
  const child = keys.length > 0 ? childOf(value, random.pick(keys)) : random.pick(VALUES)
  if (Array.isArray(value)) return [...value, child]
  return withChild(value, random.oneIn(2) ? random.pick(NAMES) : random.pick(words), child)
}

function childOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? value[key as never]
    : undefined
}

function withChild(value: object, key: string, child: unknown): unknown {
  if (Array.isArray(value)) return value.map((one, i) => (String(i) === key ? child : one))
  return Object.fromEntries([...Object.entries(value), [key, child]])
}

function deep(value: unknown, random: FuzzRandom): unknown {
  let nested = value
  for (let depth = random.pick([1, 10, 600, 2000]); depth > 0; depth--) nested = [nested]
  return nested
}

/** Several changes, one behind the other. */
function chain(changes: readonly Change[]): Mutator {
  return (input, random, words, other) => {
    let changed = input
    for (let i = 1 + random.below(4); i > 0; i--)
      changed = random.pick(changes)(changed, random, words, other)
    return changed.slice(0, MAX_LENGTH)
  }
}
