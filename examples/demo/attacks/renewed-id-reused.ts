import { RENEWAL_TIMEOUT } from '../env.ts'
import type { Mode } from '../sessions.ts'
import type { Attack } from './attack.ts'
import { LISBON } from './place.ts'

const CONCLUSION: Record<Mode, string> = {
  'durable-object':
    'The token is replaced every quarter of an hour. Two holders then have two different ones: whoever shows the old one ' +
    'after the grace period gives the copy away. Nobody can tell which of the two is the thief, so the session ended ' +
    'for both; Hedy signs in again.',
  kv:
    'Not noticed. KV cannot compare and set, so tokens are not renewed there: the copy is as good as the original ' +
    'until the session ends. A Durable Object or Redis would have told.',
  sealed:
    'Not noticed. A sealed cookie has no token that could be renewed: the copy is as good as the original until the ' +
    'session ends. A Durable Object or Redis would have told.',
}

export const renewedIdReused: Attack = {
  id: 'renewed-id-reused',
  title: 'Reuse of a renewed id',
  plan: 'Copy a cookie on the same machine, network and browser, where no monitor can see a difference, and use it later.',
  async run(stage) {
    const renews = stage.mode === 'durable-object'
    const hedy = await stage.victim(LISBON)
    const thief = stage.visitor(LISBON)
    thief.cookie = hedy.cookie
    stage.skip(RENEWAL_TIMEOUT + 1)
    await stage.did('Hedy', renews ? 'goes on, and is given a new token.' : 'goes on.', hedy.get('/account'))
    await stage.did(
      'Hedy',
      renews ? 'goes on with it; the old one is replaced.' : 'goes on.',
      hedy.get('/cart'),
    )
    stage.skip(62)
    await stage.did(
      'The thief',
      renews ? 'shows the copy, with the old one.' : 'shows the copy.',
      thief.get('/account'),
    )
    await stage.did('Hedy', 'goes on.', hedy.get('/account'))
    return CONCLUSION[stage.mode]
  },
}
