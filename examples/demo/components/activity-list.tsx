import type { LogEntry } from 'wafer-session/monitor'
import { visible } from '../visible.ts'
import { Moment } from './moment.tsx'

/** In the words of whom it is about. */
const WHAT: Partial<Record<string, string>> = {
  create: 'Signed in',
  reauthenticate: 'Gave the password or a code again',
  'end sign-out': 'Signed out',
  'end sign-in': 'Signed in anew, in the place of an older session',
  'end revoked': 'Signed out from another device',
  'end evicted': 'Signed out to make room for another device',
  'end reused': 'Ended: a copy of this session’s cookie was used',
  'end risk': 'Ended: it did not look like you',
  'risk report': 'Looked unusual',
  'risk stepUp': 'Looked unusual, so the password or a code was asked for',
}

/** What became of a user's sessions, the latest first. */
export function ActivityList({ entries, here }: { entries: readonly LogEntry[]; here: string }) {
  return (
    <ol class="events card" reversed>
      {entries.map((entry, i) => (
        <li key={i}>
          <p>
            <strong>{WHAT[entry.type] ?? WHAT[keyOf(entry)] ?? visible(keyOf(entry))}</strong>{' '}
            {entry.sessionId === here && <span class="badge">This session</span>}
          </p>
          <p class="quiet from">
            <Moment at={entry.at} />
            {whereOf(entry)}
          </p>
          {entry.signals && <p class="quiet">{entry.signals.map(visible).join('; ')}</p>}
        </li>
      ))}
    </ol>
  )
}

function keyOf({ type, reason, action }: LogEntry): string {
  return [type, reason ?? action].filter(Boolean).join(' ')
}

function whereOf({ city, country, network, device }: LogEntry): string {
  const place = [city, country].filter(Boolean).join(', ')
  return [place, network, device]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => ` · ${visible(part ?? '')}`)
    .join('')
}
