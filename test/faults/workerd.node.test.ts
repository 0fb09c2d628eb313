import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { counted } from './counted.ts'
import { Ledger } from './ledger/ledger.ts'
import { MIX, startLoad } from './load.ts'
import { Visitor } from './visitor.ts'
import { type WorkerdPlace, workerdPlace } from './workerd-place.ts'

/** In KV the last write stays, so nobody does two things to one session at the same time there. */
const ONE_AT_A_TIME = { ...MIX, tabs: 0, revoke: 0 }

let place: WorkerdPlace

beforeAll(async () => {
  place = await workerdPlace()
}, 60_000)

afterAll(() => place?.stop())

test('row 87: workerd killed under load loses nothing that Durable Objects or KV acknowledged', async () => {
  const loads = (['durable-object', 'kv'] as const).map((mode) => {
    const ledger = new Ledger({ accounts: 5, devices: mode === 'kv' ? 1 : 2 })
    const mix = mode === 'kv' ? ONE_AT_A_TIME : MIX
    const load = startLoad({ ledger, send: place.send(mode), thinking: 20, mix })
    onTestFinished(() => load.stop())
    return { mode, ledger, load }
  })
  const each = (act: (one: (typeof loads)[number]) => Promise<unknown>) => Promise.all(loads.map(act))
  await each(({ ledger }) => counted(ledger, 'acknowledged', 80))
  await place.restart(() => each(({ ledger }) => counted(ledger, 'failed', 5)))
  await each(({ ledger }) => counted(ledger, 'acknowledged', 40))
  await each(({ load }) => load.stop())
  await each(({ mode, load }) => load.audit({ revokes: mode === 'durable-object' }))
  for (const { ledger } of loads) {
    expect(ledger.wrongs).toEqual([])
    expect(ledger.figures).toMatchObject({ lost: 0, undone: 0 })
  }
}, 60_000)

test('row 87: the disk of Durable Objects and of KV is used again, and sessions are as they were', async () => {
  const modes = await Promise.all((['durable-object', 'kv'] as const).map((mode) => beforeRestart(mode)))
  await place.restart()
  for (const afterRestart of modes) await afterRestart()
}, 60_000)

async function beforeRestart(mode: Parameters<WorkerdPlace['send']>[0]): Promise<() => Promise<void>> {
  const [ada, grace, other] = [1, 2, 3].map(() => new Visitor(place.send(mode))) as [
    Visitor,
    Visitor,
    Visitor,
  ]
  await ada.surely({ action: 'sign-in', user: 'ada', n: 1 })
  await other.surely({ action: 'sign-in', user: 'ada', n: 2 })
  await grace.surely({ action: 'sign-in', user: 'grace', n: 3 })
  const [name = '', dead = ''] = grace.jar.header().split('=')
  await ada.surely({ action: 'regenerate' })
  await ada.surely({ action: 'flash', note: 'kept' })
  await grace.surely({ action: 'sign-out' })
  return async () => {
    expect(await ada.surely({ action: 'take' })).toEqual({ user: 'ada', n: 1, note: 'kept' })
    expect(await ada.surely({ action: 'take' })).toEqual({ user: 'ada', n: 1, note: '' })
    expect(await other.surely({ action: 'read' })).toEqual({ user: 'ada', n: 2 })
    grace.jar.set(name, dead)
    expect(await grace.surely({ action: 'read' })).toEqual({ user: null, n: 0 })
    await ada.surely({ action: 'revoke' }) // The list was on the disk too.
    expect(await other.surely({ action: 'read' })).toEqual({ user: null, n: 0 })
    expect(await ada.surely({ action: 'read' })).toEqual({ user: 'ada', n: 1 })
  }
}
