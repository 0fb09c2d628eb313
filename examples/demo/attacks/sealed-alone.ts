import { Hono } from 'hono'
import { requireUser, type SessionEnv, session } from 'wafer-session/hono'
import type { Bindings } from '../env.ts'
import { victim } from '../people.ts'
import { watched } from '../watch/watched.ts'

/** An application with sealed cookies and nothing on the server: what this shop would be without any store. */
export const sealedAlone = new Hono<SessionEnv & { Bindings: Bindings }>()

sealedAlone.use(
  session(
    (c) => {
      const { clock, onEvent } = watched(c.env as Bindings)
      return { clock, onEvent }
    },
    { info: (c) => (c.env as Bindings).simulation?.client ?? {} },
  ),
)
sealedAlone.post('/sign-in', (c) => {
  c.var.session.signIn(victim.id)
  return c.redirect('/account', 303)
})
sealedAlone.post('/sign-out', (c) => {
  c.var.session.signOut()
  return c.redirect('/signed-out', 303)
})
sealedAlone.get('/account', requireUser(), (c) => c.html(`<h1>${victim.name}</h1>`))
