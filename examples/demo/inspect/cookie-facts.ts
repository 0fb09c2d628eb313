import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { DemoEnv } from '../env.ts'
import { keptIn, modeOf } from '../sessions.ts'
import { type Field, fieldsOf, fromBase64Url } from './field.ts'
import { ID_COOKIE, RECORD, SEALED_COOKIE } from './formats.ts'
import { type Weight, weigh } from './weigh.ts'

/** What there is to see of the session of a request. */
export interface SessionFacts {
  /** Of the cookie. */
  readonly fields: readonly Field[]
  readonly weights: readonly Weight[]
  readonly record: RecordFacts | undefined
}

export interface RecordFacts {
  /** Where the store has it. */
  readonly key: string
  readonly fields: readonly Field[]
  /** Bytes, as the store has them. */
  readonly size: number
}

/** In a cookie: the handle and five times. */
const IN_COOKIE = 38
/** In a record also the hash of the token, that of the one before, and a tag by which the user's sessions are listed. */
const IN_RECORD = IN_COOKIE + 66
const TAG = 16

/** Null when the request brought no session. */
export async function sessionFacts(c: Context<DemoEnv>): Promise<SessionFacts | null> {
  const { session, sessions } = c.var
  const cookie = getCookie(c, sessions.cookieName)
  const bytes = cookie === undefined ? null : fromBase64Url(cookie)
  if (session.isNew || bytes === null) return null
  const name = sessions.cookieName.length
  const { data } = session
  if (modeOf(c.env) === 'sealed') {
    const weights = weigh({ sealed: bytes.length, data, name, fixed: IN_COOKIE })
    return { fields: fieldsOf(bytes, SEALED_COOKIE) ?? [], weights, record: undefined }
  }
  const value = (await keptIn(c.env).store?.get(session.id))?.value
  const sealed = value === undefined ? null : fromBase64Url(value)
  const fixed = IN_RECORD + (session.userId === undefined ? 0 : TAG)
  return {
    fields: fieldsOf(bytes, ID_COOKIE) ?? [],
    weights: sealed ? weigh({ sealed: sealed.length, data, name: 0, fixed }) : [],
    record:
      sealed === null
        ? undefined
        : { key: session.id, fields: fieldsOf(sealed, RECORD) ?? [], size: value?.length ?? 0 },
  }
}
