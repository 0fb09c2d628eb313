import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'vitest'
import { root } from './support/dist.ts'

test.each([
  ['docs/conformance.md is up to date, every row has a test, and what it refers to is there', 'conformance'],
  ['docs/coverage.md has a reason for what is justified, and that is there', 'coverage'],
])('%s', (_, script) => {
  execFileSync(process.execPath, [join(root, `scripts/${script}.ts`), '--check'], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
})
