import { expect } from 'vitest'
import { generateSecret, type SessionManagerOptions, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { type Answer, ask } from './bearer.ts'
import { rival } from './rival.ts'
import { type AnyData, type Site, site } from './site.ts'
import { type StoreSite, storeSite } from './watched-store.ts'

export const START = Date.UTC(2026, 0, 1)
const TIMEOUT = 900
export const GRACE = 60
export const DAY = 86_400

export type Options = Partial<SessionManagerOptions<AnyData>>

/** Nothing ends or is touched within a test unless it is about that. */
export const LONG: Options = {
  idleTimeout: 10 * DAY,
  absoluteTimeout: 10 * DAY,
  renewalTimeout: TIMEOUT,
  renewalGrace: GRACE,
}

export interface Scene extends Site<AnyData> {
  /** The clock at so many seconds after the sign-in. */
  at(seconds: number): void
  ask(
    value: string,
    ...rest: Parameters<typeof ask> extends [unknown, unknown, ...infer Rest] ? Rest : never
  ): Promise<Answer>
  /** The types and reasons of the events since the last time it was asked. */
  told(): string[]
}

/** A site on which `u1` has just signed in, and the first token. */
export async function signedIn(
  options: Options = {},
  change?: (store: SessionStore) => Partial<SessionStore>,
): Promise<{ scene: Scene & StoreSite<AnyData>; first: string }> {
  const made = storeSite({ ...LONG, ...options }, change)
  const scene = sceneOf(made)
  const { cookie } = await scene.ask('', (session) => session.signIn('u1'))
  scene.told()
  made.store.calls()
  return { scene, first: cookie as string }
}

/** The same, with what another request does just before an `update` of the store, once. */
export async function signedInWithRival(options: Options = {}) {
  const { before, change } = rival()
  return { ...(await signedIn(options, change)), beforeUpdate: before }
}

export function sceneOf<Made extends Site<AnyData>>(made: Made): Made & Scene {
  let told = 0
  return {
    ...made,
    at: (seconds) => made.clock.set(START + seconds * 1000),
    ask: (value, ...rest) => ask(made.manager, value, ...rest),
    told() {
      const news = made.events.slice(told)
      told = made.events.length
      return news.map((event) => ('reason' in event ? `${event.type} ${event.reason}` : event.type))
    },
  }
}

/** The same after the first token was offered its next at 900 s, and that was confirmed at 1000 s. */
export async function renewed(options: Options = {}) {
  const { scene, first } = await signedIn(options)
  scene.at(900)
  const second = (await scene.ask(first)).cookie as string
  scene.at(1000)
  await scene.ask(second)
  expect(scene.told()).toEqual(['renew'])
  scene.store.calls()
  return { scene, first, second }
}

/** The same a second time: offered at 1900 s, confirmed at 2000 s. */
export async function renewedTwice(options: Options = {}) {
  const { scene, first, second } = await renewed(options)
  scene.at(1900)
  const third = (await scene.ask(second)).cookie as string
  scene.at(2000)
  await scene.ask(third)
  expect(scene.told()).toEqual(['renew'])
  scene.store.calls()
  return { scene, first, second, third }
}

/** The session of 0 s under a new id since 100 s. */
export async function regenerated(options: Options = {}) {
  const { scene, first } = await signedIn(options)
  scene.at(100)
  const moved = (await scene.ask(first, (session) => session.regenerate())).cookie as string
  expect(scene.told()).toEqual(['regenerate'])
  scene.store.calls()
  return { scene, first, moved }
}

/** The session of 0 s replaced by one of `u2` at 100 s. */
export async function replaced(options: Options = {}) {
  const { scene, first } = await signedIn(options)
  scene.at(100)
  const other = (await scene.ask(first, (session) => session.signIn('u2'))).cookie as string
  scene.told()
  scene.store.calls()
  return { scene, first, other }
}

/** Two deployments over one store and one clock, whose secrets stand in the other's order. */
export async function twoDeployments(options: Options = {}) {
  const [a, b] = [generateSecret(), generateSecret()]
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const one = sceneOf(site<AnyData>({ ...LONG, ...options, secret: [a, b], store }, clock))
  const other = sceneOf(site<AnyData>({ ...LONG, ...options, secret: [b, a], store }, clock))
  const first = (await one.ask('', (session) => session.signIn('u1'))).cookie as string
  return { one, other, first, store, secrets: [a, b] as const }
}

export const change = (session: { data: AnyData }) => {
  session.data.n = 1
}
