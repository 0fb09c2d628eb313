import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Redis } from 'ioredis'
import { HOST } from './redis-server.ts'

/** A server that speaks Upstash's REST protocol in front of Redis. */
export interface UpstashBridge {
  readonly url: string
  readonly token: string
  /** The commands of each request that came. */
  readonly requests: string[][][]
  /** The next request is carried out, and its answer lost on the way. */
  loseAnswer(): void
  stop(): Promise<void>
}

type Command = readonly [name: string, ...args: string[]]
type Answer = { readonly result: unknown } | { readonly error: string }

/** What Upstash answers in any region. */
const READS = /^(?:GET|MGET|EXISTS|TTL|PTTL|ZRANGE|ZSCORE|EVAL_RO|EVALSHA_RO)$/i

/**
 * @param primary Where everything is written.
 * @param nearest Where reads are answered, as in a read region; the primary, if there is none.
 * @see https://upstash.com/docs/redis/features/restapi
 */
export async function upstashBridge(primary: Redis, nearest: Redis = primary): Promise<UpstashBridge> {
  const token = crypto.randomUUID()
  const requests: string[][][] = []
  let losing = false

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${token}`)
      return send(response, 401, { error: 'WRONGPASS' })
    const body = JSON.parse(await text(request))
    const single = request.url === '/'
    const commands: Command[] = (single ? [body] : body).map((command: unknown[]) => command.map(String))
    requests.push(commands.map((command) => [...command]))
    const redis = commands.every(([name]) => READS.test(name)) ? nearest : primary
    const answers =
      request.url === '/multi-exec' ? await inOneStep(redis, commands) : await each(redis, commands)
    if (losing) {
      losing = false
      response.destroy()
      return
    }
    const encoding = request.headers['upstash-encoding'] === 'base64' ? 'base64' : 'utf8'
    const encoded = answers.map((part) => ('error' in part ? part : { result: shown(part.result, encoding) }))
    const [first] = encoded
    send(response, single && first && 'error' in first ? 400 : 200, single ? first : encoded)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => send(response, 500, { error: String(error) }))
  }).listen(0, HOST)
  await once(server, 'listening')
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    token,
    requests,
    loseAnswer() {
      losing = true
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function each(redis: Redis, commands: readonly Command[]): Promise<Answer[]> {
  return Promise.all(
    commands.map((command) =>
      redis.callBuffer(...command).then(
        (result) => ({ result }),
        ({ message }: Error) => ({ error: message }),
      ),
    ),
  )
}

async function inOneStep(redis: Redis, commands: readonly Command[]): Promise<Answer[]> {
  const transaction = redis.multi()
  for (const command of commands) transaction.callBuffer(...command)
  const results = (await transaction.exec()) ?? []
  return results.map(([error, result]) => (error ? { error: error.message } : { result }))
}

/** Upstash sends the status OK as it is, whatever the encoding. */
function shown(reply: unknown, encoding: 'base64' | 'utf8'): unknown {
  if (Array.isArray(reply)) return reply.map((part) => shown(part, encoding))
  if (!Buffer.isBuffer(reply)) return reply
  return reply.toString() === 'OK' ? 'OK' : reply.toString(encoding)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
