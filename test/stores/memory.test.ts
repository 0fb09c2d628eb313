import { memoryStore } from 'wafer-session/stores/memory'
import { describeStore, fakeClock } from 'wafer-session/testing'

describeStore('memoryStore', () => {
  const clock = fakeClock()
  return { store: memoryStore({ clock }), advance: clock.advance, now: clock }
})

describeStore('memoryStore by the clock on the wall', () => memoryStore())
