import type { Session } from 'wafer-session'
import { duration } from '../duration.ts'
import { type Data, rememberTimeouts, timeouts } from '../env.ts'
import { TimeLeft } from './time-left.tsx'

/** What a browser takes of one cookie, name and value together (RFC 6265bis §5.6). */
const MOST_BYTES = 4096

interface MetersProps {
  session: Session<Data>
  /** Of the cookie, in bytes. */
  weight: number
  /** What is in the cookie. */
  holds: string
}

/** How long the session still lasts, and how much room is left in its cookie. */
export function Meters({ session, weight, holds }: MetersProps) {
  const { idleTimeout, absoluteTimeout } = session.data.remembered ? rememberTimeouts : timeouts
  const now = Date.now()
  const secondsTo = (moment: number) => Math.max(0, Math.floor((moment - now) / 1000))
  return (
    <div class="card">
      <TimeLeft id="idle" label="Idle timeout" left={secondsTo(session.expiresAt)} total={idleTimeout}>
        {`Ends after ${duration(idleTimeout)} without a request.`}
      </TimeLeft>
      <TimeLeft
        id="absolute"
        label="Absolute timeout"
        left={secondsTo((session.authTime ?? session.createdAt) + absoluteTimeout * 1000)}
        total={absoluteTimeout}
      >
        {`Ends ${duration(absoluteTimeout)} after you last showed who you are, whatever happens.`}
      </TimeLeft>
      <div class="gauge">
        <label for="weight">Cookie</label>
        <span>{weight} bytes</span>
        <meter id="weight" min={0} max={MOST_BYTES} high={MOST_BYTES * 0.8} optimum={0} value={weight}>
          {weight} bytes
        </meter>
        <p>{`A browser takes ${MOST_BYTES}. ${holds}`}</p>
      </div>
    </div>
  )
}
