import { impossibleTravel } from './signals/impossible-travel.ts'
import { newCountry } from './signals/new-country.ts'
import { newDevice } from './signals/new-device.ts'
import { newNetwork } from './signals/new-network.ts'
import { parallelUse } from './signals/parallel-use.ts'
import { refusedBurst } from './signals/refused-burst.ts'
import { renewedIdReused } from './signals/renewed-id-reused.ts'
import { sessionMoved } from './signals/session-moved.ts'
import { signInBurst } from './signals/sign-in-burst.ts'
import type { Signal } from './signals/signal.ts'
import { unusualHour } from './signals/unusual-hour.ts'
import { userAgentChanged } from './signals/user-agent-changed.ts'

/** What a monitor looks for, unless told otherwise. */
export const defaultSignals: readonly Signal[] = [
  impossibleTravel,
  newCountry,
  newNetwork,
  newDevice,
  userAgentChanged,
  sessionMoved,
  parallelUse,
  unusualHour,
  renewedIdReused,
  refusedBurst,
  signInBurst,
]
