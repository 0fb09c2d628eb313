/** NIST SP 800-63B-4, from the lowest to the highest. */
const LEVELS = ['aal1', 'aal2', 'aal3']

/** True for the level itself and, of NIST's, for a higher one; of others nobody knows the order. */
export function reaches(acr: string | undefined, level: string): boolean {
  if (acr === level) return true
  return LEVELS.includes(level) && LEVELS.indexOf(acr ?? '') > LEVELS.indexOf(level)
}
