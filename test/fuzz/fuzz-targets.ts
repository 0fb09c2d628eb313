import type { FuzzTarget } from './fuzz-target.ts'
import { clientTargets } from './targets/client.ts'
import { codeTargets } from './targets/codes.ts'
import { monitorTargets } from './targets/monitor.ts'
import { sealedTargets } from './targets/sealed.ts'
import { storedTargets } from './targets/stored.ts'
import { tokenTargets } from './targets/tokens.ts'

/** Everything that reads what anybody may have written. */
export async function fuzzTargets(): Promise<FuzzTarget[]> {
  const made = await Promise.all([sealedTargets(), storedTargets(), codeTargets(), tokenTargets()])
  return [...made.flat(), ...clientTargets(), ...monitorTargets()]
}
