/** What `describeStore` needs of a test framework: Vitest, Jest, `bun:test` and `node:test` have it. */
export interface TestFramework {
  describe(name: string, body: () => void): unknown
  /** `timeout` is in milliseconds; a framework that does not know it leaves it unread. */
  test(name: string, body: () => Promise<void>, timeout?: number): unknown
}

/** Looked up by a name in a variable, so that no bundler asks for them. */
const MODULES = 'Bun' in globalThis ? ['vitest', 'bun:test'] : ['vitest']

const globals: unknown = globalThis
const imported: TestFramework[] = []
// Tests are defined while a file is loaded, so a framework that is to be found must be there by then.
for (const name of isFramework(globals) ? [] : MODULES) {
  const found: unknown = await import(/* @vite-ignore */ name).catch(() => undefined)
  if (isFramework(found)) imported.push(found)
}

/**
 * A framework of its own choice: the global `describe` and `test`, else those of the framework that runs.
 *
 * @throws {TypeError} When none does.
 */
export const runningFramework: TestFramework = {
  describe: (name, body) => running('describe', (framework) => framework.describe(name, body)),
  test: (name, body, timeout) => running('test', (framework) => framework.test(name, body, timeout)),
}

/** One that is installed but does not run throws as soon as it is called. */
function running(symbol: string, call: (framework: TestFramework) => unknown): unknown {
  if (isFramework(globals)) return call(globals)
  let cause: unknown
  for (const framework of imported) {
    try {
      return call(framework)
    } catch (error) {
      cause = error
    }
  }
  throw new TypeError(`No ${symbol}() is running: pass { describe, test } of your test framework.`, { cause })
}

function isFramework(value: unknown): value is TestFramework {
  const { describe, test } = (value ?? {}) as Partial<TestFramework>
  return typeof describe === 'function' && typeof test === 'function'
}
