import { connect } from 'node:net'
import { vi } from 'vitest'
import { HOST, type RedisServer } from './redis-server.ts'

const END = 'end of what is monitored'

/** The names of the commands that clients sent meanwhile, without those that scripts ran. */
export async function commandsOf(server: RedisServer, call: () => Promise<unknown>): Promise<string[]> {
  const socket = connect(server.port, HOST)
  let heard = ''
  socket.setEncoding('utf8').on('data', (text) => {
    heard += text
  })
  socket.write('MONITOR\r\n')
  await vi.waitUntil(() => heard.startsWith('+OK')) // From now on it tells everything.
  await call()
  await server.admin.echo(END)
  await vi.waitUntil(() => heard.includes(END))
  socket.destroy()
  const commands = heard.split('\r\n').slice(1, -2)
  return commands.filter((line) => !line.includes(' lua] ')).map(nameOf)
}

/** Of `1795420428.919062 [0 127.0.0.1:38824] "get" "key"`. */
function nameOf(line: string): string {
  return /^\S+ \[.*?\] "(\w+)"/.exec(line)?.[1]?.toUpperCase() ?? line
}
