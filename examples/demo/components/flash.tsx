import type { Session } from 'wafer-session'
import type { Data } from '../env.ts'

/** What the request before had to say. Reading a message consumes it: a reload does not show it again. */
export function Flash({ session }: { session: Session<Data> }) {
  const notice = session.flash('notice')
  const problem = session.flash('problem')
  return (
    <>
      {notice && (
        <p class="flash" role="status">
          {notice}
        </p>
      )}
      {problem && (
        <p class="flash problem" role="alert">
          {problem}
        </p>
      )}
    </>
  )
}
