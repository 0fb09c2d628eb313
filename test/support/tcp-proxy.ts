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
  /** What clients send from now on arrives once it is let go. @param passing How many pieces of it still pass. */
  holdRequests(passing?: number): void
  letGo(): void
  /** Every connection breaks; whoever comes back is led to this port. */
  leadTo(port: number): void
  stop(): void
}

export async function tcpProxy(port: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let target = port
  let held: (() => void)[] | undefined
  let passing = 0
  let answers: 'pass' | 'lose' | 'hold' = 'pass'
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((near) => {
    const far = connect(target, HOST)
    far.on('data', (data) => {
      if (answers === 'pass') near.write(data)
      if (answers !== 'lose') return
      answers = 'pass'
      near.destroy()
    })
    near.on('data', (data) => {
      if (held === undefined || passing-- > 0) far.write(data)
      else held.push(() => far.write(data))
    })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
    }
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
    holdRequests(first = 0) {
      passing = first
      held ??= []
    },
    letGo() {
      const late = held ?? []
      held = undefined
      for (const send of late) send()
    },
    leadTo(next) {
      target = next
      breakAll()
    },
    stop() {
      server.close()
      breakAll()
    },
  }
}
