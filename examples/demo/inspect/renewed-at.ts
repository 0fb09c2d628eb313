import { recent } from '../watch/watched.ts'

const NEW_TOKEN = ['create', 'renew', 'reauthenticate', 'regenerate']

/**
 * When the session got the token that it has, in milliseconds since the epoch. The library tells it by events only;
 * undefined when this isolate has not seen one.
 */
export function renewedAt(sessionId: string): number | undefined {
  return recent.events.find((event) => event.sessionId === sessionId && NEW_TOKEN.includes(event.type))?.at
}
