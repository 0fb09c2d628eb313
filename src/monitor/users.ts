import { emptyProfile, type UserProfile } from './profile.ts'

/** The profiles that are in memory; when there are too many, the least recently used one makes room. */
export class Users {
  readonly #max: number
  readonly #halfLife: number
  readonly #profiles = new Map<string, UserProfile>()
  evicted = 0

  /** @param halfLife Milliseconds. */
  constructor(max: number, halfLife: number) {
    this.#max = max
    this.#halfLife = halfLife
  }

  get size(): number {
    return this.#profiles.size
  }

  get(userId: string): UserProfile | undefined {
    return this.#profiles.get(userId)
  }

  /** The profile, an empty one for a user without; used just now. */
  take(userId: string): UserProfile {
    const profile = this.#profiles.get(userId) ?? emptyProfile(this.#halfLife)
    this.put(userId, profile)
    return profile
  }

  put(userId: string, profile: UserProfile): void {
    this.#profiles.delete(userId)
    this.#profiles.set(userId, profile)
    if (this.#profiles.size > this.#max) this.#evictOldest()
  }

  delete(userId: string): boolean {
    return this.#profiles.delete(userId)
  }

  entries(): IterableIterator<[string, UserProfile]> {
    return this.#profiles.entries()
  }

  #evictOldest(): void {
    for (const oldest of this.#profiles.keys()) {
      this.#profiles.delete(oldest)
      this.evicted++
      return
    }
  }
}
