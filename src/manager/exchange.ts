import type { Backstage } from '../session/backstage.ts'
import type { Draft } from '../session/draft.ts'
import { CLOCK_LEEWAY } from '../session/lifecycle.ts'
import type { Arrival } from './arrival.ts'
import type { Loaded, SessionBackend } from './backend.ts'
import { commitNow, type Exchange, requireAuthoritative } from './commit.ts'
import { keptIdToken } from './id-token.ts'
import type { Opening } from './open.ts'
import type { Settings } from './settings.ts'
import { serverState } from './stored-state.ts'

/** A request on its way, and what its session may ask of the manager. */
export class OpenExchange implements Exchange, Backstage {
  readonly settings: Settings<object>
  readonly backend: SessionBackend
  readonly arrival: Arrival
  readonly draft: Draft<object>
  readonly endMoved: Opening<object>['endMoved']
  held: Loaded | undefined
  lines: readonly string[] = []
  changed = false
  writing: Promise<void> | undefined
  finished = false
  readonly risk: number | undefined

  constructor(
    settings: Settings<object>,
    backend: SessionBackend,
    arrival: Arrival,
    { draft, held, endMoved }: Opening<object>,
  ) {
    this.settings = settings
    this.backend = backend
    this.arrival = arrival
    this.draft = draft
    this.held = held
    this.risk = held?.risk
    this.endMoved = endMoved
  }

  authTime(): number {
    const { marks, clock } = this.settings
    return marks === undefined ? clock() : marks.authTime()
  }

  commit(): Promise<void> {
    return commitNow(this)
  }

  requireAuthoritative(): Promise<void> {
    return requireAuthoritative(this)
  }

  get singleUse(): boolean {
    const { store = this.settings.revocations } = this.settings
    return store?.atomicUpdate === true && store.consistency === 'strong'
  }

  async claim(challenge: string, expiresAt: number): Promise<boolean> {
    // Longer than that, by whatever clock: the store must not forget it while a server still lets it in.
    const place = { expiresAt: expiresAt + CLOCK_LEEWAY * 1000 }
    return (await serverState(this.settings, 'challenge').create([challenge], 1, place)) !== null
  }

  idToken(): Promise<string | undefined> {
    return keptIdToken(this.settings, this.draft.record)
  }

  async markKeys(): Promise<string[]> {
    return this.settings.marks?.keysOf(this.draft.record) ?? []
  }
}
