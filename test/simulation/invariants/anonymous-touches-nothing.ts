import type { Invariant } from './invariant.ts'

export const anonymousTouchesNothing: Invariant = {
  name: 'anonymous-touches-nothing',
  sentence: 'A request without our cookie that only reads costs no store call, no crypto and no Set-Cookie.',
  exceptions: {},
  settled({ asked, calls, cryptoCalls, settled }, world) {
    if (asked.brings !== 'nothing' || asked.operation !== 'read') return
    world.count('anonymous reads')
    if (calls > 0) return `${calls} store calls.`
    if (cryptoCalls > 0) return `${cryptoCalls} calls of Web Crypto.`
    const lines = settled?.response?.headers.getSetCookie() ?? []
    return lines.length > 0 && `Set-Cookie: ${lines.join()}.`
  },
}
