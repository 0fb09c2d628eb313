import { Hono } from 'hono'
import type { CreateApp } from './peer.ts'

/** The application without a session: what everything else is measured over. */
const createApp: CreateApp = ({ payload }) => {
  const app = new Hono()
  app.get('/read', (c) => c.text(payload.theme))
  app.post('/write', (c) => c.text('1'))
  app.post('/sign-in', (c) => c.text('in'))
  app.post('/sign-out', (c) => c.text('out'))
  return (request) => app.fetch(request)
}

export default createApp
