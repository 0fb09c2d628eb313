import express from 'express'
import { fetchOf } from './express-fetch.ts'
import type { CreateApp } from './peer.ts'

/** Express without a session. */
const createApp: CreateApp = ({ payload }) => {
  const app = express()
  app.get('/read', (_, response) => void response.send(payload.theme))
  app.post('/write', (_, response) => void response.send('1'))
  app.post('/sign-in', (_, response) => void response.send('in'))
  app.post('/sign-out', (_, response) => void response.send('out'))
  return fetchOf(app)
}

export default createApp
