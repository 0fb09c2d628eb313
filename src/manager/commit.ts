import { SessionError } from '../errors.ts'
import type { Draft } from '../session/draft.ts'
import type { Snapshot } from '../session/opened.ts'
import { NO_DATA, sameSession } from '../session/record.ts'
import { assertFits } from '../session/schema.ts'
import type { Arrival } from './arrival.ts'
import { isHeld, type Loaded, type SessionBackend } from './backend.ts'
import { alive } from './candidates.ts'
import { described } from './describe.ts'
import { forgetIdToken, keepIdToken, passOnIdToken } from './id-token.ts'
import { fitted, type Opening, prepare } from './open.ts'
import { publicNames, report } from './report.ts'
import { clearingLines, sessionLines } from './set-cookie.ts'
import type { Settings } from './settings.ts'

/** A request on its way: its cookies, the draft, and the Set-Cookie lines written so far. */
export interface Exchange extends Opening<object> {
  readonly settings: Settings<object>
  readonly backend: SessionBackend
  readonly arrival: Arrival
  /** The session as the backend has it now. */
  held: Loaded | undefined
  lines: readonly string[]
  /** The lines carry more than recorded activity or a rotated secret. */
  changed: boolean
  /** Settles when every `session.commit()` so far has; never rejects. */
  writing: Promise<void> | undefined
  /** Nothing is committed after the response. */
  finished: boolean
}

/** `session.commit()`: writes now and leaves the session open. One after the other, so that the last one wins. */
export function commitNow(exchange: Exchange): Promise<void> {
  const commit = async () => {
    if (exchange.draft.phase === 'ended') return end(exchange)
    const snapshot = exchange.draft.phase === 'open' ? exchange.draft.snapshot() : null
    if (snapshot !== null) await write(exchange, snapshot)
  }
  const writing = exchange.writing === undefined ? commit() : exchange.writing.then(commit)
  exchange.writing = writing.catch(() => {}) // The caller of commit() has the error; the next one tries again.
  return writing
}

/** `session.requireAuthoritative()`: whoever was ended elsewhere is anonymous from here on. */
export async function requireAuthoritative({ settings, backend, draft, held }: Exchange): Promise<void> {
  if (draft.isOver) throw draft.tooLate('go on')
  if (held === undefined || isAnother(draft, held) || (await backend.stands(held, settings.clock()))) return
  draft.refuse(
    new SessionError('ERR_SESSION_ENDED', 'the session was ended elsewhere, or has to be confirmed.'),
  )
  throw draft.tooLate('go on')
}

/** Whoever has just signed in does so whatever became of the session before, unless that was the first half of it. */
function isAnother(draft: Draft<object>, { record }: Loaded): boolean {
  return !draft.completes && !sameSession(draft.record.handle, record.handle)
}

/** How a request ended. */
export interface Outcome {
  /** A 5xx or a throw: changes are not kept. */
  readonly failed: boolean
  /**
   * Recorded activity is not worth a cookie: a 5xx, a throw that left no response, a protocol switch, whose headers
   * nobody can change on some runtimes.
   */
  readonly quiet: boolean
}

/** The end of the request: writes what is due and closes the session. */
export async function finish(exchange: Exchange, { failed, quiet }: Outcome): Promise<void> {
  if (exchange.finished) return
  exchange.finished = true
  if (exchange.writing !== undefined) await exchange.writing
  if (exchange.draft.phase === 'ended') return end(exchange)
  if (exchange.draft.phase === 'refused') return exchange.draft.close()
  const snapshot = lastSnapshot(exchange.draft, failed)
  if (failed && snapshot?.changed) {
    exchange.settings.emit({ type: 'discard', reason: 'failed-response', ...publicNames(snapshot.record) })
  }
  const due = failed ? exchange.draft.activity() : snapshot
  if (due !== null && (due.changed || !quiet)) await write(exchange, due)
  if (!quiet && exchange.lines.length === 0 && exchange.backend.offer) await offer(exchange)
}

/** The cookie that the browser should have from now on though nothing, or nothing of it, was written. */
async function offer(exchange: Exchange): Promise<void> {
  const { settings, backend, arrival, held } = exchange
  const value = held && (await backend.offer?.(held, arrival.at, settings.clock()))
  if (held && value) exchange.lines = sessionLines(settings, arrival.header, held.record, value)
}

function lastSnapshot(draft: Draft<object>, failed: boolean): Snapshot | null {
  try {
    return draft.snapshot()
  } catch (error) {
    if (failed) return null // The handler's own error matters more than what it left behind.
    throw error
  } finally {
    draft.close()
  }
}

/** Writes a snapshot, and replaces the lines there are by those that carry it. */
async function write(exchange: Exchange, due: Snapshot): Promise<void> {
  const { settings, backend, draft, arrival } = exchange
  if (isWithheld(exchange, due)) {
    // Once, at the end of the request, whatever session.commit() was called before.
    if (exchange.finished) {
      settings.emit({ type: 'discard', reason: 'cross-site', ...publicNames(due.record) })
    }
    return
  }
  const { persisted: before, completes } = draft
  if (draft.idToken !== undefined) await keepIdToken(settings, due.record, draft.idToken)
  else if (completes) await passOnIdToken(settings, before, due.record)
  draft.idToken = undefined
  const change = {
    snapshot: await checked(exchange, due),
    before,
    completes,
    rebase: rebaser(exchange, due),
  }
  const { held, snapshot, cookie } = await backend.save(exchange.held, change, settings.clock())
  exchange.held = held
  if (snapshot === null) return
  if (cookie !== null) exchange.lines = sessionLines(settings, arrival.header, snapshot.record, cookie)
  exchange.changed ||= snapshot.changed
  report(settings, draft.persisted, snapshot.record, arrival)
  draft.written(snapshot)
}

/** Does the changes of a write again on what another request wrote. */
function rebaser(exchange: Exchange, first: Snapshot) {
  const { settings, backend, draft } = exchange
  let due = first
  return async (fresh: Loaded): Promise<Snapshot | null> => {
    const held = alive(settings, backend, fresh, settings.clock())
    if (!isHeld(held)) throw new SessionError('ERR_SESSION_ENDED', 'The session has expired meanwhile.')
    const { schema } = settings
    const opened = prepare(settings, held, schema && (await fitted(settings, schema, held)))
    const snapshot = draft.rebase(due, opened)
    due = snapshot ?? due
    return snapshot && checked(exchange, snapshot)
  }
}

/** The snapshot as it is to be kept: data that fits its schema, and what a new session says of its client. */
async function checked({ settings, draft, arrival }: Exchange, snapshot: Snapshot): Promise<Snapshot> {
  const { data } = snapshot.record
  // No data at all is what every session starts with, also where the schema has required keys.
  if (settings.schema !== undefined && snapshot.dataChanged && data !== NO_DATA) {
    await assertFits(settings.schema.schema, JSON.parse(data))
  }
  const record = await described(settings, arrival, snapshot.record, draft.persisted)
  return { ...snapshot, record }
}

/** Ends the session: the cookies that were sent are cleared, and only those. */
async function end(exchange: Exchange): Promise<void> {
  const { settings, backend, draft, held, arrival } = exchange
  await (held === undefined ? exchange.endMoved?.() : backend.end(held, settings.clock()))
  exchange.held = undefined
  exchange.lines = clearingLines(settings, arrival.header)
  exchange.changed = true
  if (draft.persisted !== undefined) {
    await forgetIdToken(settings, draft.persisted)
    settings.emit({ type: 'end', reason: 'sign-out', ...publicNames(draft.persisted) }, arrival)
  }
  draft.persisted = undefined // Once, however often it is committed.
}

/**
 * True for data alone on a cross-site request from which SameSite may have withheld our cookie: writing it would
 * overwrite a signed-in visitor's cookie by an attacker's form. A cookie that was refused counts as none here too.
 */
function isWithheld({ settings, arrival: { request }, draft }: Exchange, { record }: Snapshot) {
  const { cookie } = settings
  if (draft.persisted !== undefined || (record.user ?? record.pending) !== undefined) return false
  if (cookie.sameSite === 'None') return false
  if (request.headers.get('Sec-Fetch-Site') !== 'cross-site') return false
  return cookie.sameSite === 'Strict' || !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(request.method)
}
