import { type Assessment, createMonitor, type LogEntry, type Observation } from 'wafer-session/monitor'
import { type FuzzTarget, must } from '../fuzz-target.ts'
import { mutateJson } from '../mutate.ts'
import { NOW } from '../sealer.ts'

const HOUR = 3_600_000

const LISBON: Observation = {
  at: NOW,
  userId: 'u1',
  sessionId: 's1',
  sessionStartedAt: NOW - HOUR,
  kind: 'request',
  address: '198.51.100.7',
  country: 'PT',
  city: 'Lisbon',
  latitude: '38.7',
  longitude: -9.1,
  asn: 64500,
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  timezone: 'Europe/Lisbon',
}
const TOKYO: Observation = {
  ...{
    at: NOW + HOUR,
    userId: 'u1',
    sessionId: 's1',
    address: '2001:db8:7::1',
    country: 'JP',
    city: 'Tokyo',
  },
  ...{ latitude: 35.7, longitude: '139.7', network: 'AS64501', device: 'Chrome on Windows' },
}
const REFUSED = { type: 'reject', reason: 'forged', at: NOW, cookie: '__Host-session' }
const REUSED = { ...REFUSED, reason: 'reused', sessionId: 's1', userId: 'u1' }

type Step = readonly [what: string, ...given: unknown[]]

/** Nothing here may throw but what the caller's own functions throw; a signal that fails is counted, and none may. */
function readSteps(steps: readonly Step[]): string {
  const entries: LogEntry[] = []
  const sink = { write: (entry: LogEntry) => void entries.push(entry) }
  const monitor = createMonitor({ clock: () => NOW, maxUsers: 8, sink })
  // What an application puts back is its own, and not cleaned again.
  const mayHaveMarkup = steps.some(([what]) => what === 'profile' || what === 'snapshot')
  const assessed = (assessment: Assessment) => checked(assessment, mayHaveMarkup)
  let outcome = 'nothing'
  for (const [what, ...given] of steps.slice(0, 60)) {
    const [first, second] = given as [never, never]
    if (what === 'assess') outcome = assessed(monitor.assess(first))
    if (what === 'learn') monitor.learn(first)
    if (what === 'event') monitor.onEvent({ ...REUSED, ...Object(first), at: NOW } as never, second)
    if (what === 'profile') monitor.restoreProfile('u1', first)
    if (what === 'snapshot') monitor.restore(first)
  }
  const last = monitor.assess(TOKYO)
  assessed(last)
  monitor.learn(LISBON, last)
  must(monitor.figures().failures === 0, 'a signal, or the score, threw')
  const snapshot = JSON.stringify(monitor.snapshot())
  must(snapshot.length < 1_000_000, `it keeps ${snapshot.length} characters`)
  for (const { country, city, network, device, signals } of entries) {
    const texts = [country, city, network, device, ...(signals ?? [])]
    for (const text of texts) must(mayHaveMarkup || isClean(text), `what is logged is ${text}`)
  }
  const again = createMonitor({ clock: () => NOW, maxUsers: 8 })
  again.restore(JSON.parse(snapshot))
  assessed(again.assess(LISBON))
  return outcome
}

function checked({ risk, action, signals }: Assessment, mayHaveMarkup: boolean): string {
  must(risk >= 0 && risk <= 1, `the risk is ${risk}`)
  for (const { evidence } of signals) {
    must(mayHaveMarkup || isClean(evidence.text), `evidence is ${evidence.text}`)
  }
  return action
}

function isClean(text: string | undefined): boolean {
  return text === undefined || (text.length < 500 && !/[<>"&\p{Cc}]/u.test(text))
}

/** Observations, and what is put back of what a monitor once gave. */
export function monitorTargets(): FuzzTarget[] {
  const monitor = createMonitor({ clock: () => NOW })
  for (let i = 40; i > 0; i--) monitor.learn({ ...LISBON, at: NOW - i * 12 * HOUR })
  monitor.assess(TOKYO)
  monitor.onEvent(REUSED as never, LISBON)
  const profile = monitor.profile('u1')
  const snapshot = monitor.snapshot()
  const visits = Array.from({ length: 6 }, (_, i) => ['learn', { ...LISBON, at: NOW - i * 24 * HOUR }])
  const scripts = [
    [['assess', LISBON]],
    [...visits, ['assess', LISBON], ['assess', TOKYO]],
    [
      ['event', REFUSED, LISBON],
      ['event', REUSED, TOKYO],
      ['assess', TOKYO],
    ],
    [
      ['profile', profile],
      ['assess', TOKYO],
      ['assess', LISBON],
    ],
    [
      ['snapshot', snapshot],
      ['assess', { ...TOKYO, kind: 'sign-in' }],
    ],
    [],
  ]
  return [
    {
      name: 'observations',
      seeds: scripts.map((script) => JSON.stringify(script)),
      words: [
        'assess',
        'learn',
        'event',
        'at',
        'T1',
        'XX',
        '<b>',
        '-180',
        '180',
        '-90',
        '1e400',
        'u1',
        's1',
        '::',
      ],
      mutate: mutateJson,
      outcomes: ['nothing', 'allow', 'stepUp'],
      share: 0.5,
      async read(input) {
        return readSteps(stepsOf(input))
      },
    },
  ]
}

/** What is no list of steps is an observation itself. */
function stepsOf(input: string): Step[] {
  try {
    const value: unknown = JSON.parse(input)
    if (Array.isArray(value))
      return value.map((one) => (Array.isArray(one) ? (one as never) : ['assess', one]))
    return [['assess', value]]
  } catch {
    return [['assess', { userId: input, userAgent: input, city: input, address: input }]]
  }
}
