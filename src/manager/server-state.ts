/** A value of the server's, and the version that a write of it must name. */
export interface StateEntry {
  readonly value: unknown
  readonly version: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface StatePlace {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * What must not travel in a cookie, because an older cookie would bring it back: what counts up, what happens once, what
 * only gets stricter. JSON values under names, sealed, in the store of the sessions or of their revocations; the store
 * sees neither values nor names. A name is a list of strings, such as `['attempts', userId]`.
 */
export interface ServerState {
  /** Writes compare versions; without this two writes at the same time may both win. */
  readonly atomicUpdate: boolean
  /** @throws {SessionError} `ERR_SESSION_STORE`, as all of these. */
  get(name: readonly string[]): Promise<StateEntry | null>
  /** @returns Its version; null when the name is taken. */
  create(name: readonly string[], value: unknown, place: StatePlace): Promise<string | null>
  /** @returns The new version; null when another request wrote first, or nothing is there any more. */
  update(
    name: readonly string[],
    value: unknown,
    place: StatePlace & { readonly version: string },
  ): Promise<string | null>
  /** Whatever its version is. */
  delete(name: readonly string[]): Promise<void>
}
