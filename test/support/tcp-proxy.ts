import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { HOST } from './redis-server.ts'

/** A way to a server that can be made a bad one. */
export interface TcpProxy {
  readonly port: number
  /** What the server sends next is lost, and the connection breaks. */
  loseAnswer(): void
  /** What the server sends from now on does not arrive. */
  holdAnswers(): void
  stop(): void
}

export async function tcpProxy(port: number): Promise<TcpProxy> {
  const sockets: Socket[] = []
  let answers: 'pass' | 'lose' | 'hold' = 'pass'
  const server = createServer((near) => {
    const far = connect(port, HOST)
    sockets.push(near, far)
    far.on('data', (data) => {
      if (answers === 'pass') near.write(data)
      if (answers !== 'lose') return
      answers = 'pass'
      near.destroy()
    })
    near.on('data', (data) => far.write(data)).on('close', () => far.destroy())
    for (const socket of [near, far]) socket.on('error', () => {})
  }).listen(0, HOST)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    loseAnswer() {
      answers = 'lose'
    },
    holdAnswers() {
      answers = 'hold'
    },
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
