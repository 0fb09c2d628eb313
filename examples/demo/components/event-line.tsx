import { visible } from '../visible.ts'
import type { Seen } from '../watch/seen.ts'

/** What an event says, in one line; words of clients are shown so that nothing in them is hidden. */
export function EventLine({ event }: { event: Seen }) {
  const { type, detail, userId, sessionId } = event
  return (
    <>
      <code class={`event ${type}`}>{type}</code> {detail && <strong>{visible(detail)}</strong>}{' '}
      {userId && (
        <>
          of <code>{visible(userId)}</code>
        </>
      )}{' '}
      {sessionId && (
        <span class="quiet">
          session <code>{`${sessionId.slice(0, 6)}…`}</code>
        </span>
      )}
    </>
  )
}
