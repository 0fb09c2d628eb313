import { createStorage } from 'unstorage'
import { memoryStore } from 'wafer-session/stores/memory'
import { unstorageStore } from 'wafer-session/stores/unstorage'
import { describeSessionsIn } from '../support/store-rows.ts'

describeSessionsIn('memoryStore', { strong: true, atomic: true, list: true }, (clock) =>
  memoryStore({ clock }),
)

describeSessionsIn('unstorageStore', { strong: true, atomic: false, list: true }, (clock) =>
  unstorageStore(createStorage(), { clock }),
)
