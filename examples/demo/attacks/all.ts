import type { Attack } from './attack.ts'
import { renewedIdReused } from './renewed-id-reused.ts'
import { replayAfterSignOut } from './replay-after-sign-out.ts'
import { sessionFixation } from './session-fixation.ts'
import { stolenCookie } from './stolen-cookie.ts'
import { tamperedCookie } from './tampered-cookie.ts'

export const attacks: readonly Attack[] = [
  tamperedCookie,
  replayAfterSignOut,
  stolenCookie,
  renewedIdReused,
  sessionFixation,
]
