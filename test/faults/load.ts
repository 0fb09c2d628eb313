import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from './ledger/ledger.ts'
import { type Send, User } from './user.ts'

export interface LoadOptions {
  readonly ledger: Ledger
  readonly send: Send
  /** Milliseconds that a user thinks at most before the next request. */
  readonly thinking: number
  /** How often each thing is done, beside reading. */
  readonly mix?: Readonly<Record<string, number>>
}

export interface Load {
  /** Ends when every user has had the last answer. */
  stop(): Promise<void>
  /** Looks at every browser once more, then ends every session but one of each user, and looks again. */
  audit(options?: { readonly revokes?: boolean }): Promise<void>
}

type Habit = (user: User) => Promise<unknown>

const HABITS: Readonly<Record<string, Habit>> = {
  read: (user) => user.ask({ action: 'read' }),
  write: (user) => user.ask({ action: 'write', n: user.count() }),
  flash: (user) => user.ask({ action: 'flash', note: `note ${user.count()}` }),
  take: (user) => user.ask({ action: 'take' }),
  tabs: (user) =>
    user.askAtOnce({ action: 'write', n: user.count() }, { action: 'flash', note: `note ${user.count()}` }),
  regenerate: (user) => user.ask({ action: 'regenerate' }),
  'sign-in': (user) => user.signIn(),
  'sign-out': (user) => user.signOut(),
  revoke: (user) => user.revokeOthers(),
  thief: (user) => user.tryDeadCookie(),
  stranger: (user) => user.comeAnonymously(),
}

export const MIX: Readonly<Record<string, number>> = {
  write: 30,
  flash: 8,
  take: 8,
  tabs: 6,
  regenerate: 4,
  'sign-in': 1,
  'sign-out': 3,
  revoke: 2,
  thief: 4,
  stranger: 4,
  read: 30,
}

/** Starts users who do one thing after the other, each with a device of the ledger. */
export function startLoad({ ledger, send, thinking, mix = MIX }: LoadOptions): Load {
  let running = true
  const users = ledger.accounts.flatMap((account) =>
    account.devices.map((device) => new User(ledger, account, device, send)),
  )
  const each = (act: (user: User) => Promise<unknown>) => Promise.all(users.map(act))
  const live = async (user: User) => {
    while (running) {
      await sleep(Math.random() * thinking)
      await habitOf(user, mix)(user)
    }
  }
  const lives = each(live)
  return {
    async stop() {
      running = false
      await lives
    },
    async audit({ revokes = true } = {}) {
      await each(async (user) => {
        await surely(async () => (await user.ask({ action: 'take' })) !== undefined)
        await surely(async () => (await user.ask({ action: 'read' })) !== undefined)
        while (await user.tryDeadCookie());
      })
      await each((user) => surely(() => user.signIn()))
      const first = users.filter(({ isFirst }) => isFirst)
      if (revokes) await Promise.all(first.map((user) => surely(() => user.revokeOthers())))
      await each((user) => surely(async () => (await user.ask({ action: 'read' })) !== undefined))
    },
  }
}

/** Again until it is answered: nothing is broken any more. */
async function surely(isAnswered: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isAnswered()); tries++) {
    if (tries === 200) throw new Error('After the last fault a request was refused two hundred times.')
    await sleep(50)
  }
}

function habitOf(user: User, mix: Readonly<Record<string, number>>): Habit {
  if (user.isSignedOut) return (Math.random() < 0.1 ? HABITS.thief : HABITS['sign-in']) as Habit
  let left = Math.random() * Object.values(mix).reduce((sum, weight) => sum + weight, 0)
  for (const [name, weight] of Object.entries(mix)) {
    left -= weight
    if (left < 0) return HABITS[name] as Habit
  }
  return HABITS.read as Habit
}
