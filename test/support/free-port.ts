import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what any system gives to those who ask for just any port, so that no connection takes it meanwhile. */
const FIRST = 15_000
const COUNT = 15_000

/** A port of the loopback interface on which nobody listens: by chance, as other tests look for one at the same time. */
export async function freePort(): Promise<number> {
  const port = FIRST + randomInt(COUNT)
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return freePort()
  }
  server.close()
  await once(server, 'close')
  return port
}
