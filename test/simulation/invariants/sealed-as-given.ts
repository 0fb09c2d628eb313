import { bringsOf } from '../world/ledger.ts'
import type { Invariant } from './invariant.ts'

export const sealedAsGiven: Invariant = {
  name: 'sealed-as-given',
  sentence:
    'A sealed cookie shows exactly the data that it was issued with, in the session that it was issued for.',
  exceptions: {
    store: 'The data is in the store; see no-lost-write.',
    'kv-store': 'The data is in the store.',
  },
  opened({ asked, opened, life }, { ledger, mode }) {
    const [value, ...others] = bringsOf(asked.header)
    if (mode.inStore || opened === undefined || life === undefined || others.length > 0) return
    const issued = value === undefined ? undefined : ledger.cookies.get(value)
    if (issued === undefined) return 'a cookie that nobody issued is let in.'
    if (issued.life !== life || issued.id !== opened.id) return 'it opens another session.'
    const data = JSON.stringify(opened.data)
    return data !== issued.data && `it shows ${data} instead of ${issued.data}.`
  },
}
