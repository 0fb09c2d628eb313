import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { Device } from './ledger/device.ts'
import { Ledger } from './ledger/ledger.ts'
import { startLoad } from './load.ts'
import { runFaults } from './run-faults.ts'
import { faultSite } from './site.ts'

describe('the ledger', () => {
  /** A short load on a store of which some calls do something else. */
  async function loadOn(change: (store: SessionStore) => Partial<SessionStore>): Promise<Ledger> {
    const memory = memoryStore()
    const site = faultSite(
      createSessionManager({ secret: generateSecret(), store: { ...memory, ...change(memory) } }),
    )
    const ledger = new Ledger({ accounts: 4, devices: 2 })
    const load = startLoad({ ledger, send: async (request) => site.fetch(request), thinking: 1 })
    while (ledger.figures.acknowledged < 400) await sleep(5)
    await load.stop()
    await load.audit()
    return ledger
  }

  /** True once in a while. */
  function nowAndThen(): () => boolean {
    let calls = 0
    return () => ++calls % 20 === 0
  }

  test('finds nothing wrong with a sound store', async () => {
    const { wrongs, figures } = await loadOn(() => ({}))
    expect(wrongs).toEqual([])
    expect(figures).toMatchObject({ failed: 0, failovers: 0, lost: 0, undone: 0 })
  })

  test('finds nothing wrong with errors, whether the write landed or not', async () => {
    const [before, after] = [nowAndThen(), nowAndThen()]
    const { wrongs, figures } = await loadOn((store) => ({
      async update(...given) {
        if (before()) throw new Error('away')
        const version = await store.update(...given)
        if (after()) throw new Error('away')
        return version
      },
    }))
    expect(wrongs).toEqual([])
    expect(figures.failed).toBeGreaterThan(0)
  })

  test('finds a write that was acknowledged and not kept', async () => {
    const lies = nowAndThen()
    const { wrongs } = await loadOn((store) => ({
      update: async (...given) => (lies() ? 'written' : store.update(...given)),
    }))
    expect(wrongs).not.toEqual([])
  })

  test('finds a session that goes on after it was ended', async () => {
    const { wrongs } = await loadOn((store) => ({
      delete: async () => {},
      update: async (key, value, options) =>
        options.tags?.length === 0 ? 'buried' : store.update(key, value, options),
    }))
    expect(wrongs).toContainEqual(expect.stringContaining('a sign-out was undone'))
  })

  test('counts a write that a failover lost once, though two tabs find it at the same time', () => {
    const device = new Device()
    const [write, flash] = [{ action: 'write', n: 3 } as const, { action: 'flash', note: 'a' } as const]
    const at = { user: 'ada', n: 1 }
    const since = Date.now()
    device.answered(device.start(), { action: 'sign-in', user: 'ada', n: 1 }, { user: null, n: 0 })
    device.answered(device.start(), { action: 'write', n: 2 }, at)
    device.failover({ since, killedAt: since, until: since - 1 })
    const calls = [device.start([flash]), device.start([write])] as const
    expect(device.answered(calls[0], write, at)).toEqual({ lost: 1 })
    expect(device.answered(calls[1], flash, at)).toEqual({ lost: 0 })
    expect(device.answered(device.start(), { action: 'take' }, { user: 'ada', n: 3, note: 'a' })).toEqual({
      lost: 0,
    })
    expect(device.answered(device.start(), { action: 'read' }, { user: 'ada', n: 2 })).toHaveProperty('wrong')
  })

  test('finds a session that was lost', async () => {
    const forgets = nowAndThen()
    const { wrongs } = await loadOn((store) => ({
      get: async (key) => (forgets() ? null : store.get(key)),
    }))
    expect(wrongs).not.toEqual([])
  })
})

test('rows 84, 86, 87: under load, with every fault once, redisStore and upstashStore lose nothing they acknowledged', async () => {
  const { ledger, faults } = await runFaults({ rounds: 1 })
  expect(ledger.wrongs).toEqual([])
  expect(Object.keys(faults).toSorted()).toEqual([
    'connections break',
    'failover',
    'failover, copying late',
    'memory full',
    'paused',
    'restarted',
  ])
  expect(ledger.figures).toMatchObject({ failovers: 2 })
  expect(ledger.figures.failed).toBeGreaterThan(0)
  console.log(JSON.stringify(ledger.figures))
}, 60_000)
