import { redisServer } from '../../test/support/redis-server.ts'
import { rounded, type Table } from '../table.ts'
import { startDemoWorker } from './demo-worker.ts'
import { startNodeExample } from './node-example.ts'
import { cookieOf, type Server } from './server.ts'
import { type Load, wrk } from './wrk.ts'

const SESSIONS = 64

/** Two programs as they are, in a server, under more requests than they can answer. */
export async function load(): Promise<Table[]> {
  return [await nodeTable(), await demoTable()]
}

async function nodeTable(): Promise<Table> {
  const redis = await redisServer()
  try {
    return table('Node example, every request counts a visit', {
      'no session': await underLoad(
        () => startNodeExample('node.ts', false),
        async () => '',
      ),
      sealed: await underLoad(() => startNodeExample('node.ts', true), visitOnce),
      'in Redis': await underLoad(() => startNodeExample('redis.ts', true, redis.url), visitOnce),
    })
  } finally {
    await redis.stop()
  }
}

async function demoTable(): Promise<Table> {
  return table('Demo Worker, its front page reads a cart', {
    'no session': await underLoad(
      () => startDemoWorker(),
      async () => '',
    ),
    'sealed, revocations in KV': await underLoad(() => startDemoWorker('sealed'), fillCart),
    'in Durable Objects': await underLoad(() => startDemoWorker('durable-object'), fillCart),
  })
}

async function visitOnce({ url }: Server): Promise<string> {
  return cookieOf(await fetch(url)) ?? ''
}

/** And sees the notice of it, which is shown once. */
async function fillCart({ url }: Server): Promise<string> {
  const filled = await fetch(`${url}cart`, {
    method: 'POST',
    headers: { Origin: new URL(url).origin },
    body: new URLSearchParams({ product: 'shortbread', change: '1', return: '/' }),
    redirect: 'manual',
  })
  const cookie = cookieOf(filled) ?? ''
  const seen = await fetch(url, { headers: { Cookie: cookie } })
  return cookieOf(seen) ?? cookie
}

async function underLoad(
  start: () => Promise<Server>,
  begin: (server: Server) => Promise<string>,
): Promise<Load> {
  const server = await start()
  try {
    const cookies: string[] = []
    for (let made = 0; made < SESSIONS; made++) cookies.push(await begin(server))
    return await wrk(server.url, cookies)
  } finally {
    await server.stop()
  }
}

function table(title: string, loads: Record<string, Load>): Table {
  const none = Object.values(loads)[0]?.perSecond ?? Number.NaN
  return {
    title: `${title}: wrk, 16 connections on loopback`,
    columns: ['', 'requests/s', 'of no session', 'p99 ms'],
    rows: Object.entries(loads).map(([name, { perSecond, p99 }]) => [
      name,
      Math.round(perSecond),
      rounded(perSecond / none),
      rounded(p99),
    ]),
  }
}
