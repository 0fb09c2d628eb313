import type { Attack } from './attack.ts'
import { JAKARTA, LISBON } from './place.ts'
import { signIn } from './stage.ts'

export const sessionFixation: Attack = {
  id: 'session-fixation',
  title: 'Session fixation',
  plan: 'Plant a session of one’s own in the browser of somebody who then signs in, and share it from there.',
  async run(stage) {
    const attacker = stage.visitor(JAKARTA)
    const cart = attacker.post('/cart', { product: 'ginger-nut', change: '1' })
    await stage.did(
      'The attacker',
      'puts something into the cart: now there is a session to plant.',
      cart,
      null,
    )
    const hedy = stage.visitor(LISBON)
    hedy.cookie = attacker.cookie
    await stage.did('Hedy', 'signs in, in a browser with the planted cookie.', signIn(hedy), null)
    await stage.did('Hedy', 'asks for her account.', hedy.get('/account'))
    await stage.did('The attacker', 'asks for the account with the planted cookie.', attacker.get('/account'))
    return (
      'A sign-in always starts a new session, with a new id. The planted one opened nothing of it. Of what was in it only ' +
      'the cart came along, because this shop names it: signIn(id, { keep: ["cart"] }).'
    )
  },
}
