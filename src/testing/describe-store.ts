import { declarations } from './store-suite/declarations.ts'
import { expiry } from './store-suite/expiry.ts'
import { indexRaces } from './store-suite/index-races.ts'
import { races } from './store-suite/races.ts'
import { records } from './store-suite/records.ts'
import { type StoreCase, type StoreUnderTest, setupOf, storeTest } from './store-suite/store-test.ts'
import { strings } from './store-suite/strings.ts'
import { tags } from './store-suite/tags.ts'
import { runningFramework, type TestFramework } from './test-framework.ts'

/** Milliseconds; where nothing can advance the clock, the suite waits. */
const TIMEOUT = 30_000

const GROUPS: Readonly<Record<string, readonly StoreCase[]>> = {
  declarations,
  records,
  expiry,
  strings,
  tags,
  races: [...races, ...indexRaces],
}

/**
 * The contract of `SessionStore` as tests, for anyone's store: what every method promises, and what this store declares
 * beyond that in its `capabilities`. Keys are new in every test, so `create` may give the same system each time.
 *
 * @param create Called before each test: gives a store, or one with its surroundings.
 * @param framework Left out, the global `describe` and `test`, or those of Vitest or Bun.
 * @throws {TypeError} When no test framework runs.
 */
export function describeStore(
  name: string,
  create: () => StoreUnderTest | Promise<StoreUnderTest>,
  framework: TestFramework = runningFramework,
): void {
  framework.describe(name, () => {
    for (const [group, cases] of Object.entries(GROUPS)) {
      framework.describe(group, () => {
        for (const [title, run] of cases) framework.test(title, () => runCase(create, run), TIMEOUT)
      })
    }
  })
}

async function runCase(
  create: () => StoreUnderTest | Promise<StoreUnderTest>,
  run: StoreCase[1],
): Promise<void> {
  const setup = setupOf(await create())
  try {
    await run(storeTest(setup))
  } finally {
    await setup.close?.()
  }
}
