import { capacity, chunkNames, MAX_CHUNKS, splitChunks } from '../cookie/chunk.ts'
import { clearCookieLine, setCookieLine } from '../cookie/serialize.ts'
import { utf8 } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import { toSeconds } from '../session/lifecycle.ts'
import type { SessionRecord } from '../session/record.ts'
import type { Settings } from './settings.ts'

/**
 * The Set-Cookie lines that make the browser hold this value, and drop parts of a longer one before it.
 *
 * @throws {SessionError} `ERR_SESSION_TOO_LARGE`, naming the heaviest keys.
 */
export function sessionLines(
  settings: Settings<object>,
  header: string,
  record: SessionRecord,
  value: string,
): string[] {
  const { cookie, maxChunks } = settings
  const chunks = splitChunks(cookie.name, value, maxChunks)
  if (chunks === null) throw tooLarge(settings, record, value)
  const maxAge = record.user?.remember ? record.absoluteExpiresAt - toSeconds(settings.clock()) : undefined
  const lines: string[] = []
  for (const [name, part] of chunks) lines.push(setCookieLine(cookie, name, part, maxAge))
  return lines.concat(clearingLines(settings, header, chunks))
}

/** The lines that clear the cookies which the request brought, but for those that stay in use. */
export function clearingLines(
  { cookie }: Settings<object>,
  header: string,
  inUse?: ReadonlyMap<string, string>,
): string[] {
  return chunkNames(header, cookie.name, inUse).map((name) => clearCookieLine(cookie, name))
}

function tooLarge(settings: Settings<object>, record: SessionRecord, value: string): SessionError {
  const { cookie, maxChunks } = settings
  return new SessionError(
    'ERR_SESSION_TOO_LARGE',
    `The cookie ${cookie.name} would be ${cookie.name.length + value.length} bytes of name and value, and ` +
      `${capacity(maxChunks)} are allowed. Heaviest: ${heaviest(record)}. ` +
      `Keep less, ${maxChunks < MAX_CHUNKS ? `raise maxChunks (up to ${MAX_CHUNKS}), ` : ''}or keep sessions in a store.`,
  )
}

/** The three heaviest parts of a session. Keys may be a client's choice: quoted, they stay on their line. */
function heaviest({ data, flash, user, challenges }: SessionRecord): string {
  const others = { '(flash)': flash, '(sign-in)': user ?? '', '(challenges)': challenges ?? '' }
  return Object.entries({ ...JSON.parse(data), ...others })
    .map(([key, part]) => ({ key: JSON.stringify(key), bytes: utf8(JSON.stringify(part)).length }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ key, bytes }) => `${key} (${bytes} bytes)`)
    .join(', ')
}
