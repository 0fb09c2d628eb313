import type { Context } from 'hono'
import type { SessionError, SessionErrorCode } from 'wafer-session'
import { Problem } from './problem.tsx'

/** What can happen to a session without anyone having made a mistake. */
const PROBLEMS: Partial<Record<SessionErrorCode, readonly [heading: string, text: string]>> = {
  ERR_SESSION_STORE: [
    'One moment, please',
    'The shop cannot reach its memory. Your session is safe there: try again in a few seconds.',
  ],
  ERR_SESSION_CONFLICT: [
    'Too many hands',
    'Other tabs of yours changed the same thing at this moment, so this change was not kept. Please try it again.',
  ],
  ERR_SESSION_ENDED: [
    'Signed out meanwhile',
    'Your session ended while this request was on its way, so nothing of it was kept.',
  ],
}

/** The page for an error that has one. */
export function sessionProblem(error: SessionError, c: Context) {
  const [heading, text] = PROBLEMS[error.code] ?? []
  if (heading === undefined) return undefined
  const { headers } = error.getResponse()
  for (const name of ['Cache-Control', 'Retry-After']) c.header(name, headers.get(name) ?? undefined)
  c.status(error.status)
  return c.render(<Problem heading={heading}>{text}</Problem>, { title: heading })
}
