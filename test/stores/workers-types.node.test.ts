import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { ensureDist, files, root } from '../support/dist.ts'

const folder = join(root, 'test/stores/workers-types')

beforeAll(ensureDist, 120_000)

function tsc(config: string): string {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  return execFileSync(process.execPath, [compiler, '-p', join(folder, config)], { encoding: 'utf8' })
}

test('kvStore and durableObjectStore take the bindings as @cloudflare/workers-types has them', () => {
  expect(files(folder)).toContain('worker.ts')
  expect(tsc('tsconfig.json')).toBe('')
})

test('their published types need no @cloudflare/workers-types', () => {
  expect(files(folder)).toContain('elsewhere.ts')
  expect(tsc('tsconfig.elsewhere.json')).toBe('')
})
