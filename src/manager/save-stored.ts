import { equalBytes } from '../crypto/mac.ts'
import { SessionError } from '../errors.ts'
import type { Snapshot } from '../session/opened.ts'
import { type SessionRecord, sameSession } from '../session/record.ts'
import type { Change, Saved } from './backend.ts'
import { createStored, type Newborn } from './create-stored.ts'
import { endSession } from './end-session.ts'
import { rehashed } from './renewal.ts'
import { keepWithinLimit } from './session-limit.ts'
import type { Settings } from './settings.ts'
import { type FoundLive, isLive, type Shelf } from './shelf.ts'
import { held, type StoreHeld } from './store-held.ts'
import { TRIES } from './tries.ts'

/** Writes a session: a new one, the same again, the same under a new id, or another in its place. */
export async function saveStored(
  settings: Settings<object>,
  shelf: Shelf,
  current: StoreHeld | undefined,
  change: Change,
): Promise<Saved<StoreHeld>> {
  const { before, snapshot, completes } = change
  if (current === undefined || before === undefined) return begin(settings, shelf, snapshot)
  if (snapshot.record.handle === before.handle) return update(settings, shelf, current, change)
  if (sameSession(snapshot.record.handle, before.handle)) return move(settings, shelf, current, change)
  const begun = await begin(settings, shelf, snapshot, current.found)
  await undoing(shelf, begun.held.found, async () => {
    if (completes) await complete(shelf, current.found, begun.held.found)
    else await endSession(shelf, current.found, 'bury') // It is over, whatever else happened to it.
  })
  return begun
}

/** A session that was not there. */
async function begin(
  settings: Settings<object>,
  shelf: Shelf,
  snapshot: Snapshot,
  replaced?: FoundLive,
): Promise<Saved<StoreHeld>> {
  const born = await createStored(settings, shelf, snapshot.record)
  await undoing(shelf, born.found, () => keepWithinLimit(settings, shelf, born.found, replaced))
  return saved(born, snapshot)
}

/** The same session with other content, by compare and set. */
async function update(
  settings: Settings<object>,
  shelf: Shelf,
  start: StoreHeld,
  { snapshot, rebase }: Change,
): Promise<Saved<StoreHeld>> {
  let [current, due]: [StoreHeld, Snapshot | null] = [start, snapshot]
  for (let tries = 0; due !== null; tries++) {
    const { token, tokenClass, found } = current
    const known = tokenClass === 'current'
    const tokens = known
      ? await rehashed(settings, token, found.content.tokens, due.record)
      : found.content.tokens
    const written = await shelf.update(found, { ...found.content, record: due.record, tokens })
    if (written !== null) return { held: held(token, tokenClass, written), snapshot: due, cookie: null }
    if (!due.changed) return { held: current, snapshot: null, cookie: null } // A lost touch is no loss.
    if (tries === TRIES - 1) throw conflict()
    current = held(token, tokenClass, await fresh(shelf, found))
    if (wasRenewed(found, current.found)) current = { ...current, tokenClass: 'previous' }
    due = await rebase(current)
  }
  return { held: current, snapshot: null, cookie: null }
}

/** The same session under a new id: the new record first, then the old one becomes a tombstone that names it. */
async function move(
  settings: Settings<object>,
  shelf: Shelf,
  start: StoreHeld,
  { snapshot, rebase }: Change,
): Promise<Saved<StoreHeld>> {
  let [due, old] = [snapshot, start.found]
  let born = await createStored(settings, shelf, due.record, old.content.tags)
  await undoing(shelf, born.found, async () => {
    for (let tries = 0; !(await shelf.bury(old, born.found.handle)); tries++) {
      if (tries === TRIES - 1) throw conflict()
      old = await fresh(shelf, old)
      due = (await rebase(held(start.token, start.tokenClass, old))) ?? due
      const record = { ...due.record, handle: born.found.handle }
      const found = await shelf.update(born.found, { ...born.found.content, record })
      if (found === null) throw ended()
      born = { ...born, found }
    }
  })
  return saved(born, due)
}

/**
 * The whole session in the place of half a sign-in, which names it from then on: whoever ends all sessions of the user at
 * this moment finds it. Who ended the half meanwhile, or was faster with the second factor, wins.
 */
async function complete(shelf: Shelf, half: FoundLive, whole: FoundLive): Promise<void> {
  let old = half
  for (let tries = 0; !(await shelf.bury(old, whole.handle)); tries++) {
    if (tries === TRIES - 1) throw conflict()
    old = await fresh(shelf, old)
    if (!isAlike(old, half)) throw conflict()
  }
}

/** True when nothing is lost where the one takes the place of the other. */
function isAlike(one: FoundLive, other: FoundLive): boolean {
  const [a, b] = [one, other].map(({ content: { record } }) => record.data + JSON.stringify(record.flash))
  return a === b
}

/** What was just created goes again when the rest fails: nobody has its token, but it would be listed and counted. */
async function undoing(shelf: Shelf, created: FoundLive, rest: () => Promise<unknown>): Promise<void> {
  try {
    await rest()
  } catch (error) {
    await shelf.delete(created).catch(() => {})
    throw error
  }
}

function saved({ token, found, cookie }: Newborn, due: Snapshot): Saved<StoreHeld> {
  // On a collision the record has another handle than it was given.
  const record: SessionRecord = { ...due.record, handle: found.handle }
  return { held: held(token, 'current', found), snapshot: { ...due, record }, cookie }
}

async function fresh(shelf: Shelf, { handle }: FoundLive): Promise<FoundLive> {
  const found = await shelf.get(handle)
  if (!isLive(found)) throw ended()
  return found
}

function wasRenewed(before: FoundLive, now: FoundLive): boolean {
  return !equalBytes(before.content.tokens.current.seed, now.content.tokens.current.seed)
}

function ended(): SessionError {
  return new SessionError(
    'ERR_SESSION_ENDED',
    'The session ended while this request was at work: its changes are not kept.',
  )
}

function conflict(): SessionError {
  return new SessionError(
    'ERR_SESSION_CONFLICT',
    'Other requests wrote the session while this one tried to. Try the request again.',
  )
}
