import type { Mutant, Verdict } from './state.ts'

/** What was said of the mutants of files that have the same ones now, under the ids that they have now. */
export function keptVerdicts(
  before: readonly Mutant[],
  now: readonly Mutant[],
  verdicts: readonly Verdict[],
): Verdict[] {
  const ids = new Map<string, string>()
  for (const file of new Set(now.map((mutant) => mutant.file))) {
    const [old, recent] = [before, now].map((list) => list.filter((mutant) => mutant.file === file))
    if (old === undefined || recent === undefined || changes(old) !== changes(recent)) continue
    for (const [at, { id }] of recent.entries()) ids.set(old[at]?.id ?? '', id)
  }
  return verdicts.flatMap((verdict) => {
    const id = ids.get(verdict.id)
    return id === undefined ? [] : [{ ...verdict, id }]
  })
}

function changes(mutants: readonly Mutant[]): string {
  return JSON.stringify(mutants.map(({ kind, original, replacement }) => [kind, original, replacement]))
}
