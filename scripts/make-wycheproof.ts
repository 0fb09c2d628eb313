/**
 * Made test/wycheproof/vectors.json from a clone of Project Wycheproof (https://github.com/C2SP/wycheproof, Apache-2.0):
 * the groups of the algorithms, and of the sizes, that the library uses.
 *
 *     node scripts/make-wycheproof.ts PATH_OF_THE_CLONE
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

interface Group {
  readonly ivSize?: number
  readonly keySize: number
  readonly tagSize?: number
  readonly tests: readonly object[]
}

const [clone] = process.argv.slice(2)
if (clone === undefined) throw new TypeError('Say where the clone is: make-wycheproof.ts PATH')

const commit = execFileSync('git', ['-C', clone, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
const made = {
  source: 'https://github.com/C2SP/wycheproof, testvectors_v1, Apache-2.0',
  commit,
  aesGcm: select(
    'aes_gcm',
    ({ ivSize, keySize, tagSize }) => `${keySize} ${ivSize} ${tagSize}` === '256 96 128',
  ),
  // A secret is at least 32 bytes long.
  hkdf: select('hkdf_sha256', ({ keySize }) => keySize >= 256),
  // Keys are derived, so they are 32 bytes long; a tag is the whole, or its first half as in the id cookie.
  hmac: select('hmac_sha256', ({ keySize }) => keySize === 256),
}
const lines = Object.entries(made).map(([name, value]) => {
  const list = Array.isArray(value) ? `[\n${value.map((one) => JSON.stringify(one)).join(',\n')}\n]` : null
  return `${JSON.stringify(name)}: ${list ?? JSON.stringify(value)}`
})
writeFileSync(new URL('../test/wycheproof/vectors.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`)

function select(name: string, concernsUs: (group: Group) => boolean): object[] {
  const path = `testvectors_v1/${name}_test.json`
  const text = execFileSync('git', ['-C', clone as string, 'show', `HEAD:${path}`], { encoding: 'utf8' })
  const { testGroups } = JSON.parse(text) as { testGroups: readonly Group[] }
  return testGroups.filter(concernsUs).flatMap(({ tests }) => tests)
}
