import type { Session } from 'wafer-session'
import type { Data, Exchange } from './exchange.ts'
import type { World } from './world.ts'

/** What a handler does with its session. */
type Operation = (
  session: Session<Data>,
  exchange: Exchange,
  world: World,
) => Promise<number | undefined> | number | undefined

/** How often each is asked for. */
export const WEIGHTS = {
  read: 40,
  write: 22,
  contend: 6,
  count: 12,
  flash: 5,
  signIn: 9,
  halfSignIn: 5,
  reauthenticate: 7,
  regenerate: 7,
  signOut: 4,
  commitBetween: 6,
  fail: 4,
  authoritative: 3,
  putChallenge: 5,
  takeChallenge: 7,
  listSessions: 3,
  revokeOne: 2,
  revokeAll: 3,
  revokeOthers: 4,
  revokeFederated: 1,
}

export type OperationName = keyof typeof WEIGHTS

/** A handler of the application that went wrong. */
export class HandlerError extends Error {}

/** @returns The status, where it is not 200. */
export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  read: () => undefined,

  write: (session, exchange, world) => {
    world.ledger.writes(exchange, session, `w${exchange.asked.id}`)
    return undefined
  },

  /** The one key that all write. */
  contend(session, exchange, world) {
    session.data.last = exchange.asked.id
    world.ledger.touches(exchange, session)
    return undefined
  },

  count(session, exchange, world) {
    session.update((data) => {
      data.count = Number(data.count ?? 0) + 1
    })
    world.ledger.counts(exchange, session)
    return undefined
  },

  flash(session, exchange, world) {
    if (session.flash('note') === undefined) session.flash('note', exchange.asked.id)
    world.ledger.touches(exchange, session)
    return undefined
  },

  signIn(session, exchange, world) {
    const remember = world.random.chance(300)
    world.ledger.mayEnd(exchange)
    const { user } = exchange.asked.browser
    const amr = ['pwd', `r${exchange.asked.id}`]
    session.signIn(user, { amr, acr: 'aal1', remember, oidc: subject(user) })
    session.data.owner = user
    world.ledger.begins(exchange, session, { user, isPending: false }).isRemembered = remember
    return undefined
  },

  halfSignIn(session, exchange, world) {
    world.ledger.mayEnd(exchange)
    const { user } = exchange.asked.browser
    session.signIn(user, { amr: ['pwd'], pending: true, oidc: subject(user) })
    session.data.owner = user
    world.ledger.begins(exchange, session, { user, isPending: true })
    return undefined
  },

  /** The second factor, or a step up. */
  reauthenticate(session, exchange, world) {
    const half = session.pending
    if (half === undefined && session.userId === undefined) return undefined
    const before = exchange.life
    session.reauthenticate({ amr: [`r${exchange.asked.id}`], acr: 'aal2' })
    if (half === undefined) world.ledger.moves(exchange, session)
    else world.ledger.completes(exchange, session, before)
    return undefined
  },

  regenerate(session, exchange, world) {
    if (session.isNew) return undefined
    session.regenerate()
    world.ledger.moves(exchange, session)
    return undefined
  },

  signOut(session, exchange, world) {
    world.ledger.mayEnd(exchange)
    session.signOut()
    return undefined
  },

  /** A response in two parts: what was committed in between is kept whatever comes. */
  async commitBetween(session, exchange, world) {
    const { id } = exchange.asked
    const confirm = world.ledger.writes(exchange, session, `w${id}`)
    await session.commit()
    confirm()
    world.ledger.writes(exchange, session, `v${id}`)
    if (world.random.chance(300)) throw new HandlerError('after a commit')
    return undefined
  },

  fail(session, exchange, world) {
    world.ledger.writes(exchange, session, `w${exchange.asked.id}`)
    if (world.random.chance(500)) throw new HandlerError('before any commit')
    return 500
  },

  async authoritative(session, exchange, world) {
    await session.requireAuthoritative()
    world.ledger.stands(exchange)
    world.ledger.writes(exchange, session, `w${exchange.asked.id}`)
    return undefined
  },

  putChallenge(session, exchange, world) {
    session.challenge.put('passkey')
    world.ledger.touches(exchange, session).isChallenged = true
    return undefined
  },

  async takeChallenge(session, exchange, world) {
    const taken = await session.challenge.take('passkey')
    if (taken !== undefined) world.ledger.takes(exchange, taken)
    else if (exchange.life !== undefined) exchange.life.isChallenged = false
    return undefined
  },

  async listSessions(_, exchange, world) {
    const { manager, user } = world.at(exchange)
    if (world.mode.inStore) await manager.users.list(user)
    return undefined
  },

  async revokeOne(_, exchange, world) {
    const { manager, user } = world.at(exchange)
    const life = world.random.pick(world.ledger.livesOf(exchange.asked.app, user))
    if (life === undefined || world.mode.endsWithin === null) return undefined
    world.ledger.doubt(life)
    const done = await manager.users.revoke(life.id, user)
    if (done) world.ledger.ends(life, 'revoke')
    return undefined
  },

  async revokeAll(_, exchange, world) {
    const { manager, user } = world.at(exchange)
    if (world.mode.endsWithin === null) return undefined
    const confirm = world.ledger.sweeps(exchange, user)
    await manager.users.revokeAll(user)
    confirm()
    return undefined
  },

  async revokeOthers(session, exchange, world) {
    const { manager, user } = world.at(exchange)
    if (world.mode.endsWithin === null || session.userId !== user || !session.isFresh(300)) return undefined
    const confirm = world.ledger.sweeps(exchange, user, session)
    await manager.users.revokeAll(user, { except: session })
    confirm()
    return undefined
  },

  async revokeFederated(_, exchange, world) {
    const { manager, user } = world.at(exchange)
    if (world.mode.endsWithin === null) return undefined
    const confirm = world.ledger.sweeps(exchange, user)
    await manager.users.revokeFederated(subject(user))
    confirm()
    return undefined
  },
}

function subject(user: string) {
  return { iss: 'https://op.test', sub: user, sid: `s-${user}` }
}
