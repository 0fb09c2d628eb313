import { HOTP, Secret } from 'otpauth'
import { createSessionManager } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { createRecoveryCodes, createTotpVerifier, verifyHotp, verifyTotp } from 'wafer-session/totp'
import { type FuzzTarget, must } from '../fuzz-target.ts'
import { mutateJson } from '../mutate.ts'
import { NOW, SECRET } from '../sealer.ts'

const SHARED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const STEP = Math.floor(NOW / 30_000)

function codeOf(counter: number): string {
  return HOTP.generate({ secret: Secret.fromBase32(SHARED), counter })
}

/** What somebody typed as a one-time code, in whatever shape it arrives. */
export async function codeTargets(): Promise<FuzzTarget[]> {
  const right = [STEP - 1, STEP, STEP + 1].map(codeOf)
  const counted = [7, 8, 9, 10, 11, 12].map(codeOf)
  const codes = [...right, ...counted, codeOf(STEP + 2), codeOf(STEP - 2)]
  const sessions = createSessionManager({ secret: SECRET, store: memoryStore(), clock: () => NOW })
  const recovery = createRecoveryCodes({ sessions, clock: () => NOW })
  const issued = await recovery.generate('u1')
  const spelt = new Set(issued.map((code) => code.replaceAll('-', '')))

  async function totp(code: unknown): Promise<string> {
    const isRight = typeof code === 'string' && right.includes(code)
    const { ok } = await verifyTotp(SHARED, code, { now: NOW })
    must(ok === isRight, `verifyTotp says ${ok}`)
    const hotp = await verifyHotp(SHARED, code, { counter: 7 })
    must(hotp.ok === (typeof code === 'string' && counted.includes(code)), `verifyHotp says ${hotp.ok}`)
    const manager = createSessionManager({ secret: SECRET, store: memoryStore(), clock: () => NOW })
    const verifier = createTotpVerifier({ sessions: manager, clock: () => NOW })
    must((await verifier.verify('u1', SHARED, code)).ok === isRight, 'the verifier says otherwise')
    if (isRight) must(!(await verifier.verify('u1', SHARED, code)).ok, 'a code is right twice')
    return isRight ? 'right' : 'wrong'
  }

  async function recover(code: unknown): Promise<string> {
    const result = await recovery.use('u1', code)
    await recovery.reset('u1')
    if (!result.ok) return 'wrong'
    const typed = String(code)
      .toUpperCase()
      .replace(/[^0-9A-Z]/g, '')
    const meant = typed.replaceAll('O', '0').replace(/[IL]/g, '1')
    must(typeof code === 'string' && spelt.delete(meant), 'a code is right that nobody issued, or twice')
    return 'right'
  }

  return [
    {
      name: 'one-time code',
      seeds: codes.map((code) => JSON.stringify(code)),
      words: ['000000', '\u0660', '\uff11', ' ', '+', '-', '.0', '1e5', '0x'],
      mutate: mutateJson,
      outcomes: ['right', 'wrong'],
      share: 0.3,
      read: (input) => totp(meaningOf(input)),
    },
    {
      name: 'recovery code',
      // Two of them go with the seeds; the rest is for whoever guesses.
      seeds: [...issued.slice(0, 2), 'AAAAA-AAAAA'].map((code) => JSON.stringify(code)),
      words: ['-', ' ', '\u2011', 'O', 'I', 'l', '\u0130', '\u017f', '\ufb00'],
      mutate: mutateJson,
      outcomes: ['right', 'wrong'],
      share: 0.5,
      read: (input) => recover(meaningOf(input)),
    },
  ]
}

/** A body of JSON may have anything in the place of a text. */
function meaningOf(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return input
  }
}
