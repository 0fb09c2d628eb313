import { duration } from './duration.ts'
import type { CodeResult } from './second-factor.ts'

/** What to say about a code that was not accepted. */
export function codeProblem({ reason, retryAfter }: Extract<CodeResult, { ok: false }>): string {
  if (retryAfter === Number.POSITIVE_INFINITY)
    return 'Too many wrong codes. Only the shop can let you try again.'
  const wait = retryAfter > 0 ? ` The next one is looked at in ${duration(retryAfter)}.` : ''
  if (reason === 'locked') return `Too many wrong codes.${wait}`
  if (reason === 'used') return `That code was used already: wait for the next one.${wait}`
  return `That is not the code.${wait}`
}
