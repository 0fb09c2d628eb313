import { afterEach, describe, expect, test, vi } from 'vitest'
import type { RiskAction, RiskAssessment, SessionObservation } from 'wafer-session'
import { MODES, type Mode, siteOf } from '../support/modes.ts'
import { requestWith } from '../support/visitor.ts'

type Learned = [observation: SessionObservation, assessment: RiskAssessment]

/** A visitor who is signed in as ada, and a monitor that says what it is told to. */
async function watched(mode: Mode) {
  const said: { answer: unknown } = { answer: { action: 'allow', risk: 0.1 } }
  const learned: Learned[] = []
  const seen: SessionObservation[] = []
  const monitor = {
    assess(observation: SessionObservation) {
      seen.push(observation)
      return said.answer as RiskAssessment
    },
    learn: (...what: Learned) => void learned.push(what),
  }
  const made = siteOf(mode, { monitor })
  await made.visit((session) => session.signIn('ada'))
  made.events.length = 0
  const say = (action: RiskAction, risk = 0.9) => {
    said.answer = { action, risk }
  }
  return {
    ...made,
    say,
    said,
    learned,
    seen,
    monitor,
    of: (type: string) => made.events.filter((event) => event.type === type),
  }
}

describe.each(MODES)('a monitor, %s', (mode) => {
  test('asks for a new authentication once, and its risk is there each time', async () => {
    const { visit, say, of } = await watched(mode)
    say('stepUp', 0.7)
    expect(await visit(({ risk, pending }) => [risk, pending?.userId])).toEqual([0.7, 'ada'])
    say('stepUp', 0.8)
    expect(await visit(({ risk, pending }) => [risk, pending?.userId])).toEqual([0.8, 'ada'])
    expect(of('risk')).toEqual([expect.objectContaining({ action: 'stepUp', risk: 0.7, userId: 'ada' })])
  })

  test('ends a session that it has asked a new authentication for', async () => {
    const { visit, say, of } = await watched(mode)
    say('stepUp')
    await visit(() => {})
    say('end')
    expect(await visit(({ pending, userId, isNew }) => [pending, userId, isNew])).toEqual([
      undefined,
      undefined,
      true,
    ])
    expect(of('risk')).toHaveLength(2)
  })

  test('end: an event says so, where the session has ended', async () => {
    const { visit, say, of } = await watched(mode)
    const sessionId = await visit(({ id }) => id)
    say('end')
    await visit(() => {})
    const ended = { type: 'end', reason: 'risk', sessionId, userId: 'ada' }
    expect(of('end')).toEqual(mode === 'sealed' ? [] : [expect.objectContaining(ended)])
    expect(of('reject')).toEqual([expect.objectContaining({ ...ended, type: 'reject' })])
  })

  test.each(['end', 'end-all'] as const)('%s: other sessions of the user', async (action) => {
    const { manager, visit, jar, say, clock } = await watched(mode)
    const other = jar.header()
    jar.set('__Host-session', '')
    await visit((session) => session.signIn('ada'))
    say(action)
    expect(await visit(({ userId }) => userId)).toBeUndefined()
    say('allow')
    clock.advance(60) // With revocations, until the marks are read again.
    const { userId } = await manager.open(requestWith(other))
    expect(userId).toBe(action === 'end' || mode === 'sealed' ? 'ada' : undefined)
  })
})

describe('learn', () => {
  test('hears what was seen, and what was said of it', async () => {
    const { visit, say, learned, seen } = await watched('sealed')
    say('allow', 0.4)
    await visit(() => {})
    expect(learned).toEqual([[seen[0], { action: 'allow', risk: 0.4 }]])
  })

  test.each([
    ['null', () => null],
    ['nothing', () => undefined],
    ['nothing, later', () => Promise.resolve()],
  ])('hears nothing of a monitor that answers %s', async (_, answer) => {
    const { visit, said, learned } = await watched('sealed')
    said.answer = answer()
    expect(await visit(({ userId, risk }) => [userId, risk])).toEqual(['ada', undefined])
    expect(learned).toEqual([])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('full')
      },
    ],
    ['rejects', () => Promise.reject(new Error('full'))],
    ['is not there', undefined],
  ])('changes nothing of what was said when it %s', async (_, learn) => {
    const { visit, monitor, say } = await watched('sealed')
    Object.assign(monitor, { learn })
    say('allow', 0.4)
    expect(await visit(({ risk }) => risk)).toBe(0.4)
  })
})

describe('a monitor that is far away', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('has until storeTimeout, in seconds', async () => {
    const { visit, said } = await watched('sealed')
    const { resolve, promise } = Promise.withResolvers<RiskAssessment>()
    said.answer = promise
    setTimeout(resolve, 20, { action: 'allow', risk: 0.4 })
    expect(await visit(({ risk }) => risk)).toBe(0.4)
  })

  test('leaves no timer behind once it has answered', async () => {
    const { visit, said } = await watched('sealed')
    said.answer = Promise.resolve({ action: 'allow', risk: 0.4 })
    const [set, clear] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')]
    await visit(() => {})
    const timers = set.mock.results.map(({ value }) => value)
    expect(timers).not.toEqual([])
    expect(clear.mock.calls.map(([timer]) => timer)).toEqual(expect.arrayContaining(timers))
  })
})
