import { INVARIANTS } from './index.ts'
import type { Check, Checkpoint } from './invariant.ts'

/** What is looked at, in the order of the invariants, at each checkpoint: few have something to say at any one of them. */
export const CHECKS: Readonly<
  Record<Checkpoint, readonly { readonly name: string; readonly check: Check }[]>
> = {
  begun: checksOf('begun'),
  opened: checksOf('opened'),
  settled: checksOf('settled'),
  completed: checksOf('completed'),
  took: checksOf('took'),
  stood: checksOf('stood'),
  renewed: checksOf('renewed'),
}

function checksOf(checkpoint: Checkpoint) {
  return INVARIANTS.flatMap(({ name, [checkpoint]: check }) => (check === undefined ? [] : [{ name, check }]))
}
