/** The bindings of vitest.config.ts. */
declare module 'cloudflare:workers' {
  export const env: {
    readonly KV: import('wafer-session/stores/cloudflare-kv').KVBinding
    readonly SESSIONS: import('wafer-session/stores/durable-object').SessionObjectNamespace
  }
}

/** What @cloudflare/vitest-plugin offers, as far as it is used: its own types bring all of Cloudflare's. */
declare module 'cloudflare:test' {
  type State = import('wafer-session/stores/durable-object').SessionObjectState
  interface Looking {
    getAlarm(): Promise<number | null>
    readonly sql: { exec(query: string): Iterable<Record<string, unknown>> }
  }

  /** Runs in the object, in the place of a call. */
  export function runInDurableObject<Result>(
    stub: object,
    callback: (
      object: import('wafer-session/stores/durable-object').SessionObject,
      state: { readonly storage: State['storage'] & Looking },
    ) => Result | Promise<Result>,
  ): Promise<Result>

  /** Runs the alarm now. @returns False when none is set. */
  export function runDurableObjectAlarm(stub: object): Promise<boolean>

  /** Drops what the object has in memory. */
  export function evictDurableObject(stub: object): Promise<void>
}
