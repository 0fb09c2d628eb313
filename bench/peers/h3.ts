import { H3, type H3Event, useSession } from 'h3'
import type { Payload } from '../payload.ts'
import { ABSOLUTE_TIMEOUT, COOKIE, type CreateApp, IDLE_TIMEOUT } from './peer.ts'

const createApp: CreateApp = ({ secret, payload }) => {
  const config = { password: secret, maxAge: ABSOLUTE_TIMEOUT, idleTimeout: IDLE_TIMEOUT, cookie: COOKIE }
  const open = (event: H3Event) => useSession<Partial<Payload>>(event, config)

  const app = new H3()
  app.get('/read', async (event) => (await open(event)).data.theme ?? 'none')
  app.post('/write', async (event) => {
    const session = await open(event)
    await session.update((data) => ({ n: (data.n ?? 0) + 1 }))
    return String(session.data.n)
  })
  app.post('/sign-in', async (event) => {
    const session = await open(event)
    await session.clear()
    await session.update(payload)
    return 'in'
  })
  app.post('/sign-out', async (event) => {
    const session = await open(event)
    await session.clear()
    return 'out'
  })
  return (request) => app.fetch(request)
}

export default createApp
