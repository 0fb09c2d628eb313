import { victim } from '../people.ts'
import type { Attack } from './attack.ts'
import { JAKARTA, LISBON } from './place.ts'
import { type Stage, signIn } from './stage.ts'

const DAY = 86_400

export const stolenCookie: Attack = {
  id: 'stolen-cookie',
  title: 'A stolen cookie, used elsewhere',
  plan: 'Use a live cookie in another country, through another network and in another browser, while its owner is online.',
  async run(stage) {
    await stage.earlier('Hedy', 'signs in once a day for a week, in Lisbon.', aWeek(stage))
    const hedy = await stage.victim(LISBON)
    for (const path of ['/', '/cart', '/account'])
      await stage.did('Hedy', `opens ${path}`, hedy.get(path), null)
    const thief = stage.visitor(JAKARTA)
    thief.cookie = hedy.cookie
    await stage.did('The thief', 'asks for the account, from Jakarta.', thief.get('/account'))
    const guess = thief.post('/confirm', { password: 'let me in', return_to: '/account' })
    await stage.did('The thief', 'is asked for the password, and guesses.', guess, null)
    await stage.did('The thief', 'asks for the account again.', thief.get('/account'))
    stage.skip(61)
    await stage.did('Hedy', 'asks for her account, in Lisbon.', hedy.get('/account'))
    const password = hedy.post('/confirm', { password: victim.password, return_to: '/account' })
    await stage.did('Hedy', 'gives her password.', password, null)
    await stage.did('Hedy', 'asks for her account again.', hedy.get('/account'))
    await stage.did('The thief', 'tries the copy once more.', thief.get('/account'))
    return (
      'The cookie is authentic, so the seal has nothing to object. The monitor has: it asked whoever holds the session ' +
      'for the password (step-up), which the thief does not know. Hedy was asked as well, once; her session went on ' +
      'under a new id, and the copy is worth nothing.'
    )
  },
}

/** Without it the monitor would not know what is usual for her. */
async function aWeek(stage: Stage): Promise<void> {
  for (let day = 0; day < 7; day++) {
    const visitor = stage.visitor(LISBON)
    await signIn(visitor)
    await visitor.post('/sign-out')
    stage.skip(DAY)
  }
}
