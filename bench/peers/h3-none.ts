import { H3 } from 'h3'
import type { CreateApp } from './peer.ts'

/** h3 without a session. */
const createApp: CreateApp = ({ payload }) => {
  const app = new H3()
  app.get('/read', () => payload.theme)
  app.post('/write', () => '1')
  app.post('/sign-in', () => 'in')
  app.post('/sign-out', () => 'out')
  return (request) => app.fetch(request)
}

export default createApp
