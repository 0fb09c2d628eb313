import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'vitest'
import { root } from './support/dist.ts'

test('docs/conformance.md is up to date, and every row has a test', () => {
  execFileSync(process.execPath, [join(root, 'scripts/conformance.ts'), '--check'], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
})
