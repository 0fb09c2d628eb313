import type { SessionStore } from 'wafer-session'

/** What another request does just before the next `update` of a store, once. */
export function rival() {
  let next: (() => Promise<unknown>) | undefined
  return {
    before(act: (() => Promise<unknown>) | undefined): void {
      next = act
    },
    change: (store: SessionStore): Pick<SessionStore, 'update'> => ({
      async update(...args) {
        const act = next
        next = undefined
        await act?.()
        return store.update(...args)
      },
    }),
  }
}
