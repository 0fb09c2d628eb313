import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureDist, root } from '../support/dist.ts'

/** Inside the repository, so that the package is found by its name. */
const folder = mkdtempSync(join(root, 'test/.frameworks-'))

beforeAll(ensureDist, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** By the built package, as an author of a store has it. */
const PROGRAM = `
  import { memoryStore } from 'wafer-session/stores/memory'
  import { describeStore, fakeClock } from 'wafer-session/testing'
  const create = () => {
    const clock = fakeClock()
    return { store: memoryStore({ clock }), advance: clock.advance, now: clock }
  }
`

test('describeStore runs under node:test, given its describe and test', async () => {
  const { code, output } = await run(
    process.execPath,
    ['--test', '--test-reporter=tap'],
    'node.mjs',
    `import { describe, test } from 'node:test'
    ${PROGRAM}
    describeStore('a store', create, { describe, test })`,
  )
  expect(output).toMatch(/# pass [4-9]\d\n# fail 0/)
  expect(code).toBe(0)
})

test('describeStore finds bun:test by itself', async () => {
  const bun = join(root, 'node_modules/.bin/bun')
  const { code, output } = await run(
    bun,
    ['test'],
    'bun.test.mjs',
    `${PROGRAM} describeStore('a store', create)`,
  )
  expect(output).toMatch(/\b[4-9]\d pass\n 0 fail/)
  expect(code).toBe(0)
})

test('describeStore finds global describe and test', async () => {
  const { output } = await run(
    process.execPath,
    [],
    'globals.mjs',
    `const found = []
    globalThis.describe = (name, body) => body()
    globalThis.test = (name) => found.push(name)
    ${PROGRAM}
    describeStore('a store', create)
    console.log(found.length)`,
  )
  expect(Number(output)).toBeGreaterThan(40)
})

test('describeStore without a framework is a TypeError that says what to pass', async () => {
  const { code, output } = await run(
    process.execPath,
    [],
    'none.mjs',
    `${PROGRAM} describeStore('a', create)`,
  )
  expect(code).toBe(1)
  expect(output).toContain(
    'TypeError: No describe() is running: pass { describe, test } of your test framework.',
  )
})

function run(command: string, args: string[], name: string, program: string) {
  const file = join(folder, name)
  writeFileSync(file, program)
  return new Promise<{ code: number; output: string }>((resolve) => {
    // Not as a part of this run.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    execFile(command, [...args, file], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}
