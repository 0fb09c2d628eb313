import type { Mode } from '../sessions.ts'
import type { Attack } from './attack.ts'
import { LISBON } from './place.ts'
import { sealedAlone } from './sealed-alone.ts'
import type { Stage } from './stage.ts'

const CONCLUSION: Record<Mode, string> = {
  sealed:
    'Sealed, with marks in KV: what must be certain asks the marks and refused at once. Other pages take the word of a ' +
    'cookie that was checked less than a minute ago (revocationMaxAge), so the copy opened them until then.',
  kv:
    'In KV: refused at once here. In another part of the world KV may be a minute late with the end, and the copy would ' +
    'open pages there until then.',
  'durable-object': 'In a Durable Object: refused at once, everywhere, by every page.',
}

const ALONE =
  ' With sealed cookies alone, the second application below, nothing on the server knows of the sign-out: a copy opens ' +
  'it until its idle timeout, and nothing can be done about it but changing the secret.'

export const replayAfterSignOut: Attack = {
  id: 'replay-after-sign-out',
  title: 'Replay after the sign-out',
  plan: 'Copy the cookie of somebody who then signs out, and go on with the copy.',
  async run(stage) {
    await replayHere(stage)
    await replayWithoutServer(stage)
    return CONCLUSION[stage.mode] + ALONE
  },
}

async function replayHere(stage: Stage): Promise<void> {
  const hedy = await stage.victim(LISBON)
  await stage.did('Hedy', 'looks at her account.', hedy.get('/account'), null)
  const thief = stage.visitor(LISBON)
  thief.cookie = hedy.cookie
  await stage.did('Hedy', 'signs out. The thief has a copy of her cookie.', hedy.post('/sign-out'), null)

  const copy = thief.cookie
  await stage.did('The thief', 'asks for the account.', thief.get('/account'))
  thief.cookie = copy
  const change = thief.post('/account/devices', { end: 'others' })
  await stage.did('The thief', 'signs out her other devices, on a page that asks to be certain.', change)
  stage.skip(61)
  thief.cookie = copy
  await stage.did('The thief', 'asks for the account again.', thief.get('/account'))
}

async function replayWithoutServer(stage: Stage): Promise<void> {
  const app = (request: Request, bindings: object) => sealedAlone.fetch(request, bindings)
  const there = 'in an application with sealed cookies alone'
  const hedy = await stage.victim(LISBON, app, `signs in, ${there}.`)
  const thief = stage.visitor(LISBON, app)
  const copy = hedy.cookie
  await stage.did('Hedy', `signs out, ${there}.`, hedy.post('/sign-out'), null)
  for (const seconds of [0, 1740, 60]) {
    stage.skip(seconds)
    thief.cookie = copy
    await stage.did('The thief', `asks for the account, ${there}.`, thief.get('/account'))
  }
}
