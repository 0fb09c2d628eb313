import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from './support/dist.ts'
import { freePort } from './support/free-port.ts'
import { startProgram } from './support/program.ts'

test('node examples/did/wallet.ts signs in at examples/did/server.ts, as three kinds of subject', async () => {
  const PORT = String(await freePort())
  const site = await startProgram(['node', 'examples/did/server.ts'], { PORT })
  try {
    const { stdout } = await promisify(execFile)(
      join(root, 'node_modules/.bin/node'),
      ['examples/did/wallet.ts', site.url.origin],
      { cwd: root },
    )
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^200 {"userId":"did:key:zDn\w+","amr":\["pop"\]}$/),
      expect.stringMatching(/^200 {"userId":"did:jwk:[\w-]+","amr":\["pop"\]}$/),
      expect.stringMatching(
        /^200 {"userId":"urn:ietf:params:oauth:jwk-thumbprint:sha-256:[\w-]{43}","amr":\["pop"\]}$/,
      ),
    ])
  } finally {
    await site.stop()
  }
})
