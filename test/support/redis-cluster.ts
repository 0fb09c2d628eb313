import { vi } from 'vitest'
import { freePort } from './free-port.ts'
import { HOST, type RedisServer, redisServer } from './redis-server.ts'

export interface RedisCluster {
  /** Three, each with a third of the slots. */
  readonly primaries: readonly RedisServer[]
  /** Of the first. */
  readonly replica: RedisServer
  stop(): Promise<void>
}

interface Node {
  readonly server: RedisServer
  readonly busPort: number
}

const BOUNDS = [0, 5461, 10_923, 16_384]

/** A real cluster of four nodes. */
export async function redisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 4 }, startNode))
  const servers = nodes.map(({ server }) => server)
  const [first, , , replica] = servers as [RedisServer, RedisServer, RedisServer, RedisServer]
  const primaries = servers.slice(0, 3)
  for (const [i, { admin }] of primaries.entries()) await takeSlots(admin, i)
  for (const { server, busPort } of nodes.slice(1)) await meet(first.admin, server.port, busPort)
  await settled(servers, 'INFO', 'cluster_known_nodes:4')
  await replica.admin.cluster('REPLICATE', await first.admin.cluster('MYID'))
  await settled(servers, 'INFO', 'cluster_state:ok')
  await settled(servers, 'INFO', 'cluster_slots_ok:16384')
  await settled(servers, 'SLOTS', `"${HOST}",${replica.port},`) // Only once it has copied something.
  return { primaries, replica, stop: async () => void (await Promise.all(servers.map(({ stop }) => stop()))) }
}

const PATIENCE = { timeout: 20_000, interval: 50 }

async function startNode(): Promise<Node> {
  const busPort = await freePort()
  const cluster = [
    '--cluster-enabled',
    'yes',
    '--cluster-port',
    String(busPort),
    '--cluster-node-timeout',
    '2000',
  ]
  const copying = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1']
  return { server: await redisServer(...cluster, ...copying), busPort }
}

/** With an epoch of its own, or the nodes would first have to agree on one. */
async function takeSlots(admin: RedisServer['admin'], i: number): Promise<void> {
  const [from = 0, to = 0] = BOUNDS.slice(i)
  await admin.cluster('ADDSLOTSRANGE', from, to - 1)
  await admin.cluster('SET-CONFIG-EPOCH', i + 1)
}

async function meet(admin: RedisServer['admin'], port: number, busPort: number): Promise<void> {
  await admin.call('CLUSTER', 'MEET', HOST, port, busPort)
}

/** Until each node says so. */
async function settled(
  servers: readonly RedisServer[],
  view: 'INFO' | 'SLOTS',
  state: string,
): Promise<void> {
  const sees = async ({ admin }: RedisServer) =>
    JSON.stringify(await admin.call('CLUSTER', view)).includes(state)
  await vi.waitUntil(async () => (await Promise.all(servers.map(sees))).every(Boolean), PATIENCE)
}
