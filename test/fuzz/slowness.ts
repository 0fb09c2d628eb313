import type { FuzzTarget } from './fuzz-target.ts'

/** Milliseconds that any input may take, however short: a busy machine, a garbage collection, a key to be derived. */
const FLOOR = 8
/** How much more than a linear pass. */
const FACTOR = 60
/** A slow input is slow every time. */
const REPEATS = 7

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Whether an input takes longer than its length explains: more than the usual input of its target and a generous multiple
 * of one linear pass over as many characters, both measured at that moment, again and again.
 *
 * @param usual An input that is read all the way.
 * @returns Null when it does not; else what was measured.
 */
export async function slowness(target: FuzzTarget, input: string, usual: string): Promise<string | null> {
  let best = ''
  for (let i = 0; i < REPEATS; i++) {
    const allowed = FLOOR + FACTOR * linearPass(input) + 4 * (await timeOf(() => target.read(usual)))
    const taken = await timeOf(() => target.read(input))
    if (taken <= allowed) return null
    best = `${taken.toFixed(1)} ms where ${allowed.toFixed(1)} are allowed, for ${input.length} characters`
  }
  return best
}

/** Worth a closer look; most are a pause of the machine. */
export function looksSlow(milliseconds: number): boolean {
  return milliseconds > FLOOR
}

/** Milliseconds of one pass of the kind that reading takes: to bytes, to text, over every character. */
function linearPass(text: string): number {
  const started = performance.now()
  const again = decoder.decode(encoder.encode(text))
  let seen = 0
  for (let i = 0; i < again.length; i++) seen |= again.charCodeAt(i)
  return seen < 0 ? 0 : performance.now() - started // Else the loop might be left out.
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work().catch(() => {})
  return performance.now() - started
}
