import type { FuzzTarget } from './fuzz-target.ts'

/** How much more than a linear pass: sealing and opening again what is to be read is part of it. */
const FACTOR = 200
/** Characters that every input is granted beside its own: a garbage collection, a function that is compiled. */
const GRANTED = 4096
/** How much more than the usual input of its target, which has keys to derive. */
const USUAL = 8
/** A slow input is slow every time. */
const ROUNDS = 5
/** So many times what is allowed is slow after two rounds: the others would only take their time. */
const OBVIOUS = 20
/** The best of so many: one of them is not interrupted, however busy the machine. */
const TRIES = 5
/** Characters: long enough to be measured. */
const PASS = 65_536

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** `undecided`: slower than allowed in every round, but what is allowed changed more than that from round to round. */
export type Verdict = 'linear' | 'undecided' | { readonly slow: string }

/** What reading may take, in milliseconds, measured at one moment on this machine. */
export interface Pace {
  readonly perCharacter: number
  readonly usual: number
}

/** @param usual An input that is read all the way. */
export async function paceOf(target: FuzzTarget, usual: string): Promise<Pace> {
  const text = 'x'.repeat(PASS)
  return {
    perCharacter: (await best(async () => linearPass(text))) / PASS,
    usual: await best(() => target.read(usual)),
  }
}

/** In proportion to its length, and generous. */
export function allowed({ perCharacter, usual }: Pace, input: string): number {
  return FACTOR * perCharacter * (input.length + GRANTED) + USUAL * usual
}

/**
 * Whether an input takes longer than its length explains: more than a linear pass over as many characters and the usual
 * input of its target would, both measured beside it in each round. At most `ROUNDS` readings, whatever comes of it.
 */
export async function slowness(target: FuzzTarget, input: string, usual: string): Promise<Verdict> {
  const rounds: { taken: number; most: number }[] = []
  while (rounds.length < ROUNDS) {
    const most = allowed(await paceOf(target, usual), input)
    const taken = await workOf(() => target.read(input))
    if (taken <= most) return 'linear'
    rounds.push({ taken, most })
    if (rounds.length > 1 && rounds.every((round) => round.taken > OBVIOUS * round.most)) break
  }
  const taken = Math.min(...rounds.map((round) => round.taken))
  const most = Math.max(...rounds.map((round) => round.most))
  if (taken <= most) return 'undecided'
  return {
    slow: `${taken.toFixed(1)} ms where ${most.toFixed(1)} are allowed, for ${input.length} characters`,
  }
}

/** Milliseconds, without those that the thread waited while others ran; so much only its CPU time tells, a tick apart. */
export async function workOf(work: () => Promise<unknown>): Promise<number> {
  const [started, before] = [performance.now(), process.threadCpuUsage()]
  await work().catch(() => {})
  const { user, system } = process.threadCpuUsage(before)
  return Math.min(performance.now() - started, (user + system) / 1000)
}

async function best(work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < TRIES; i++) {
    const started = performance.now()
    await work().catch(() => {})
    least = Math.min(least, performance.now() - started)
  }
  return least
}

/** One pass of the kind that reading takes: to bytes, to text, over every character. */
export function linearPass(text: string): number {
  const again = decoder.decode(encoder.encode(text))
  let seen = 0
  for (let i = 0; i < again.length; i++) seen |= again.charCodeAt(i)
  return seen
}
