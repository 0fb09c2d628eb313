import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'
import type { Payload } from '../payload.ts'
import { fetchOf } from './express-fetch.ts'
import { COOKIE, type CreateApp, IDLE_TIMEOUT, type KeyValue } from './peer.ts'

declare module 'express-session' {
  interface SessionData extends Payload {}
}

/** With connect-redis, over a redis-server or what stands in for one. */
const createApp: CreateApp = async ({ secret, payload, redis, store }) => {
  const app = express()
  app.use(
    session({
      store: new RedisStore({ client: store ? clientOver(store) : await connected(redis) }),
      secret,
      resave: false,
      saveUninitialized: false,
      cookie: { ...COOKIE, maxAge: IDLE_TIMEOUT * 1000 },
    }),
  )
  app.get('/read', (request, response) => void response.send(request.session.theme ?? 'none'))
  app.post('/write', (request, response) => {
    request.session.n = (request.session.n ?? 0) + 1
    response.send(String(request.session.n))
  })
  app.post('/sign-in', (request, response, next) => {
    request.session.regenerate((error) => {
      if (error) return next(error)
      Object.assign(request.session, payload)
      response.send('in')
    })
  })
  app.post('/sign-out', (request, response, next) => {
    request.session.destroy((error) => (error ? next(error) : void response.send('out')))
  })
  return fetchOf(app)
}

async function connected(redis = '') {
  const client = createClient({ url: redis })
  await client.connect()
  return client
}

/** The commands that connect-redis sends. */
function clientOver(store: KeyValue) {
  return {
    get: (key: string) => store.get(key),
    set: (key: string, value: string) => store.set(key, value, IDLE_TIMEOUT),
    expire: (key: string, seconds: number) => store.touch(key, seconds),
    del: ([key = '']: string[]) => store.delete(key),
  }
}

export default createApp
