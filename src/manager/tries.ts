/** How often a lost race is looked at again. */
export const TRIES = 3
