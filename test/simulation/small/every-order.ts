import type { Call, Outcome } from '../stores/gate.ts'
import { type Browser, newBrowser } from '../world/browser.ts'
import type { Exchange } from '../world/exchange.ts'
import { COOKIES } from '../world/isolate.ts'
import { TIMEOUTS } from '../world/modes.ts'
import type { OperationName } from '../world/operations.ts'
import { type Violation, World } from '../world/world.ts'
import { type Scenario, STILL } from './scenario.ts'

export interface Explored {
  readonly orders: number
  /** The first order in which something does not hold. */
  readonly failed:
    | { readonly violations: readonly Violation[]; readonly trace: readonly string[] }
    | undefined
}

/**
 * Plays a scenario once for every order in which the store calls of its requests can fall and their responses arrive, with
 * every place of its faults. (`test/support/every-order.ts` does so for two sides and the real Web Crypto, on four runtimes.)
 */
export async function everyOrder(scenario: Scenario): Promise<Explored> {
  let plan: readonly number[] | undefined = []
  let orders = 0
  for (; plan !== undefined; orders++) {
    const run = new Run(scenario, plan)
    if ((await run.play()).violations.length > 0) {
      return { orders: orders + 1, failed: await new Run(scenario, plan, true).play() }
    }
    plan = run.next
  }
  return { orders, failed: undefined }
}

/** One order: the choices of a plan, and the first of what can be chosen after its end. */
class Run {
  readonly #scenario: Scenario
  readonly #plan: readonly number[]
  /** What was chosen, of how many. */
  readonly #choices: { readonly taken: number; readonly of: number }[] = []
  readonly #world: World
  readonly #browser: Browser
  #faults: number

  constructor(scenario: Scenario, plan: readonly number[], isTraced = false) {
    this.#scenario = scenario
    this.#plan = plan
    this.#faults = scenario.faults
    this.#world = new World(STILL, isTraced)
    this.#browser = newBrowser(this.#world, 'b0', 'user0', false)
  }

  /** The plan whose last choice that could have been another one is; undefined when there is none. */
  get next(): readonly number[] | undefined {
    const last = this.#choices.findLastIndex(({ taken, of }) => taken + 1 < of)
    if (last === -1) return undefined
    return [...this.#choices.slice(0, last).map(({ taken }) => taken), (this.#choices[last]?.taken ?? 0) + 1]
  }

  async play(): Promise<NonNullable<Explored['failed']>> {
    const world = this.#world
    for (const [operation, pause] of this.#scenario.before) {
      await world.pass(pause * 1000)
      await this.#alone(operation, this.#cookie)
    }
    const copy = this.#cookie
    await world.pass(this.#scenario.pause * 1000)
    for (const operation of this.#scenario.together) await this.#send(operation, copy)
    while (world.gate.waiting.length > 0) await this.#release()
    await this.#deliver()
    await this.#afterwards(copy)
    const { violations, trace } = world
    return { violations, trace }
  }

  /** The browser goes on, its other tab late by less than the grace; then somebody comes who has kept the old cookie. */
  async #afterwards(copy: string): Promise<void> {
    const world = this.#world
    await world.pass(1000)
    await this.#alone('count', this.#cookie)
    await this.#alone('read', copy)
    await this.#alone('read', this.#cookie)
    await world.pass((TIMEOUTS.grace + 2) * 1000)
    await this.#alone('read', this.#cookie)
    for (const life of world.ledger.lives.values()) life.isHonest = false
    await this.#alone('read', copy)
    await this.#alone('read', this.#cookie)
  }

  get #cookie(): string {
    const value = this.#browser.jar.get(COOKIES.a)
    return value === undefined ? '' : `${COOKIES.a}=${value}`
  }

  #send(operation: OperationName, header: string) {
    const isolate = this.#world.atWork.size % STILL.isolates
    return this.#world.begin({ browser: this.#browser, app: 'a', isolate, operation, brings: 'jar', header })
  }

  async #alone(operation: OperationName, header: string): Promise<void> {
    const exchange = await this.#send(operation, header)
    const { gate } = this.#world
    while (gate.waiting.length > 0) await this.#world.release(gate.waiting[0] as Call, 'ok')
    this.#world.deliver(exchange, false)
  }

  async #release(): Promise<void> {
    const { waiting } = this.#world.gate
    const outcomes: readonly Outcome[] = this.#faults > 0 ? ['ok', 'fails-before', 'fails-after'] : ['ok']
    const choice = this.#choose(waiting.length * outcomes.length)
    const outcome = outcomes[choice % outcomes.length] as Outcome
    if (outcome !== 'ok') this.#faults--
    await this.#world.release(waiting[Math.floor(choice / outcomes.length)] as Call, outcome)
  }

  /** Where one that sets no cookie arrives changes nothing, so that is not tried. */
  async #deliver(): Promise<void> {
    const { onTheirWay } = this.#world
    for (const exchange of onTheirWay) if (!setsCookie(exchange)) this.#world.deliver(exchange, false)
    while (onTheirWay.size > 0) {
      const exchange = [...onTheirWay][this.#choose(onTheirWay.size)]
      if (exchange !== undefined) this.#world.deliver(exchange, false)
    }
  }

  #choose(of: number): number {
    const taken = this.#plan[this.#choices.length] ?? 0
    this.#choices.push({ taken, of })
    return taken
  }
}

function setsCookie({ settled }: Exchange): boolean {
  return (settled?.response?.headers.getSetCookie().length ?? 0) > 0
}
