import { describeStore, type StoreUnderTest, type TestFramework } from 'wafer-session/testing'

/** What became of a test. */
export interface Outcome {
  /** Its titles from the outermost on, with ` > ` between them. */
  readonly name: string
  readonly title: string
  /** Undefined when it passed. */
  readonly error: Error | undefined
}

/** A test framework that tells what became of each test. They run at the same time, as some of them wait. */
export function recordingFramework(): TestFramework & { run(atOnce?: number): Promise<Outcome[]> } {
  const path: string[] = []
  const tests: { name: string; title: string; body: () => Promise<void> }[] = []
  return {
    describe(name, body) {
      path.push(name)
      body()
      path.pop()
    },
    test(title, body) {
      tests.push({ name: [...path, title].join(' > '), title, body })
    },
    async run(atOnce = tests.length) {
      const outcomes: Outcome[] = []
      for (let i = 0; i < tests.length; i += atOnce) {
        const batch = tests.slice(i, i + atOnce).map(async ({ name, title, body }) => {
          return { name, title, error: await failure(body) }
        })
        outcomes.push(...(await Promise.all(batch)))
      }
      return outcomes
    },
  }
}

/** The title of each test of the suite that the store fails, and why. */
export async function failures(
  create: () => StoreUnderTest | Promise<StoreUnderTest>,
): Promise<Record<string, string>> {
  const framework = recordingFramework()
  describeStore('store', create, framework)
  const failed = (await framework.run()).filter(({ error }) => error !== undefined)
  return Object.fromEntries(failed.map(({ title, error }) => [title, String(error?.message)]))
}

async function failure(body: () => Promise<void>): Promise<Error | undefined> {
  try {
    await body()
    return undefined
  } catch (error) {
    return error as Error
  }
}
