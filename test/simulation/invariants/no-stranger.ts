import type { Invariant } from './invariant.ts'

export const noStranger: Invariant = {
  name: 'no-stranger',
  sentence:
    'A browser sees sessions that it began or whose cookie it copied, of this application, with the user who signed in ' +
    'there and data that was written there: never anything of another user.',
  exceptions: {},
  opened({ asked, opened, life }) {
    if (opened === undefined) return
    if (opened.isNew) return Object.keys(opened.data).length > 0 && 'a new session has data.'
    if (life === undefined) return `the session ${opened.id} is of nobody, or of another application.`
    if (!asked.browser.known.has(`${life.app} ${life.part}`)) return 'the session is of another browser.'
    const who = opened.userId ?? opened.pendingId
    if (who !== life.user) return `${who} is let into a session of ${life.user}.`
    const { owner = life.user } = opened.data
    if (owner !== life.user) return `the data is of ${owner}, the session of ${life.user}.`
    const shared = ['last', 'count', 'owner']
    const foreign = Object.keys(opened.data).find((key) => !shared.includes(key) && !life.keys.has(key))
    return foreign !== undefined && `the key ${foreign} was never written there.`
  },
}
