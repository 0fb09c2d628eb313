import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as core from 'wafer-session'
import * as hono from 'wafer-session/hono'
import * as testing from 'wafer-session/testing'
import { ensureDist, root } from './support/dist.ts'
import { lineCount, type Node, type SourceFile, sourceFiles } from './support/source.ts'

/** From the ground up. What stands on one floor are strangers to each other, folders apart. */
const floors = [
  ['encoding.ts', 'errors.ts', 'events.ts', 'is-pending.ts'],
  ['crypto/', 'cookie/'],
  ['session/', 'store.ts'],
  ['stores/', 'remote/'],
  ['manager/'],
  ['oidc/', 'jwt/', 'totp/', 'monitor/', 'testing/', 'hono/', 'index.ts'],
  ['hono.ts'],
]

/** Who may import a package, and which. */
const importers: readonly (readonly [who: RegExp, what: RegExp])[] = [
  [/^hono[./]/, /^hono(?:\/|$)/],
  [/^(?:oidc|jwt)\//, /^jose$/],
  [/^jwt\/require-token\.ts$/, /^hono$/],
  [/^totp\//, /^otpauth$/],
  [/^totp\/qr-code\.ts$/, /^uqr$/],
  [/^stores\/session-object\.ts$/, /^cloudflare:workers$/],
]

/** No test may be green because nothing was read. */
const sources = sourceFiles()
const byName = new Map(sources.map((source) => [source.name, source]))

test('src/ has files, and each stands on a floor', () => {
  expect(sources.length).toBeGreaterThan(20)
  expect([...byName.keys()].filter((name) => floorOf(name) === -1)).toEqual([])
})

describe.each(sources)('src/$name', (source) => {
  test('imports only from below, or from its own folder', () => {
    const above = source.imports.filter((name) => byName.has(name) && !isBelow(source.name, name))
    expect(above).toEqual([])
  })

  test('imports files that are there, and packages only where they belong', () => {
    const outside = source.imports.filter((name) => !byName.has(name))
    const mayImport = (name: string) =>
      importers.some(([who, what]) => who.test(source.name) && what.test(name))
    expect(outside.filter((name) => !mayImport(name))).toEqual([])
  })

  test('has at most 200 lines, and no function of more than 60', () => {
    expect(source.text.split('\n').length - 1).toBeLessThanOrEqual(200)
    expect(bodyLines(source).filter((lines) => lines > 60)).toEqual([])
  })

  test('uses nothing that only some runtimes have', () => {
    const names =
      /^(?:process|Buffer|require|module|exports|__dirname|__filename|global|setImmediate|Deno|Bun)$/
    expect(identifiers(source).filter((name) => names.test(name))).toEqual([])
  })

  test('logs nothing, and draws no weak random numbers', () => {
    expect(identifiers(source).filter((name) => name === 'console')).toEqual([])
    expect(source.text).not.toMatch(/Math\s*\.\s*random/)
  })
})

test('most functions are short: the median is at most 8 lines', () => {
  const lengths = sources.flatMap(bodyLines)
  expect(lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(8)
})

test('nothing imports itself, in however many steps', () => {
  const circular = sources.filter(({ name, imports }) => imports.some((next) => reaches(next).has(name)))
  expect(circular.map(({ name }) => name)).toEqual([])
})

test('the core reaches no package at all: neither hono, jose nor node:', () => {
  const reached = [...reaches('index.ts')]
  expect(reached).toContain('crypto/seal.ts')
  expect(reached.filter((name) => !byName.has(name))).toEqual([])
  expect(reached).not.toContain('hono.ts')
})

test('row 69: the only algorithms of the core are AES-256-GCM, HKDF, HMAC and SHA-256, and Web Crypto runs them', () => {
  const core = [...reaches('hono.ts'), ...reaches('index.ts')].flatMap((name) => byName.get(name) ?? [])
  const literals = core.flatMap(({ nodes }) => nodes.filter(({ type }) => type === 'Literal'))
  const algorithms = literals
    .map(({ value }) => String(value))
    .filter((value) => /^(?:AES|CHACHA|HMAC|HKDF|PBKDF|RSA|EC|Ed|X25519|SHA|MD)-?/i.test(value))
    .filter((value) => /^[A-Z0-9-]+$/.test(value))
  expect([...new Set(algorithms)].toSorted()).toEqual(['AES-GCM', 'HKDF', 'HMAC', 'SHA-256'])
  expect(byName.get('crypto/keyring.ts')?.text).toContain(`{ name: 'AES-GCM', length: 256 }`)
  const outside = sources.filter(({ name, text }) => !name.startsWith('crypto/') && text.includes('.subtle'))
  expect(outside.map(({ name }) => name)).toEqual([])
})

test('row 70: no tag, MAC, hash or key is compared by string or number equality', () => {
  const secretive = /\b\w*(?:tag|mac|hash|digest|signature|token|secret)\b/i
  const compared = sources
    .filter(({ name }) => name.startsWith('crypto/'))
    .flatMap(({ text, nodes }) => nodes.filter(isEquality).map(({ start, end }) => text.slice(start, end)))
  expect(compared.length).toBeGreaterThan(0)
  expect(compared.filter((comparison) => secretive.test(comparison) && !isTypeCheck(comparison))).toEqual([])
})

describe('package.json', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> }
  const subpaths = Object.entries(exports).filter(([subpath]) => subpath !== './package.json')

  beforeAll(ensureDist, 120_000)

  test.each(subpaths)('%s is built, with its types, and stands in README.md', (subpath, targets) => {
    const paths = Object.values(targets as Record<string, string>)
    expect(paths.length).toBe(2)
    for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true)
    expect(read('README.md')).toContain(`'${subpath.replace('.', 'wafer-session')}'`)
  })

  // @types/node before 24 knows no CryptoKey, and every application would have to know what a key is.
  test.each(subpaths)('%s has types that name no key', (subpath, targets) => {
    const seen = new Set([join(root, (targets as { types: string }).types)])
    for (const path of seen) {
      const text = readFileSync(path, 'utf8')
      expect(text, path).not.toContain('CryptoKey')
      for (const [, name = ''] of text.matchAll(/from '(\..*)\.[jt]s'/g)) {
        seen.add(join(dirname(path), `${name}.d.ts`))
      }
    }
    expect(seen.size).toBeGreaterThan(subpath.startsWith('./stores/') ? 1 : subpath.includes('/', 2) ? 0 : 3)
  })

  test('everything that can be imported stands in README.md', () => {
    const names = [core, hono, testing].flatMap((module) => Object.keys(module))
    expect(names).toContain('createSessionManager')
    expect(names.filter((name) => !read('README.md').includes(name))).toEqual([])
  })
})

test('no file in git tells of a machine, or of the registry it used', () => {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  const tracked = listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))
  expect(tracked).toContain('package.json')
  const machine = /\/(?:home|Users|work|root)\//
  const telltale = tracked.filter((name) => {
    const text = read(name)
    return text.includes(root) || machine.test(text) || registries(text).length > 0
  })
  expect(telltale).toEqual([])
})

test('every action of the workflows is pinned by its commit', () => {
  const folder = join(root, '.github/workflows')
  const uses = readdirSync(folder).flatMap((name) =>
    Array.from(read(`.github/workflows/${name}`).matchAll(/uses: (.+)/g), ([, action]) => action),
  )
  expect(uses.length).toBeGreaterThan(0)
  expect(uses.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d/.test(action ?? ''))).toEqual([])
})

function floorOf(name: string): number {
  return floors.findIndex((floor) => floor.some((place) => name.startsWith(place)))
}

function folderOf(name: string): string {
  return name.slice(0, name.indexOf('/') + 1)
}

function isBelow(from: string, to: string): boolean {
  if (folderOf(from) !== '' && folderOf(from) === folderOf(to)) return true
  return floorOf(to) < floorOf(from)
}

/** Everything that a file imports, and what that imports, and so on. */
function reaches(name: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const next of byName.get(name)?.imports ?? []) reaches(next, seen)
  return seen
}

/** The lines of each function's body, from brace to brace. */
function bodyLines(source: SourceFile): number[] {
  const functions = /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/
  return source.nodes
    .filter(({ type, body }) => functions.test(type) && body)
    .map(({ body }) => lineCount(source, body as Node))
}

function identifiers({ nodes }: SourceFile): string[] {
  return nodes.filter(({ type }) => type === 'Identifier').map(({ name }) => String(name))
}

function isEquality({ type, operator }: Node): boolean {
  return type === 'BinaryExpression' && /^[!=]==?$/.test(String(operator))
}

function isTypeCheck(comparison: string): boolean {
  return /^typeof |undefined$|null$/.test(comparison)
}

/** Where packages came from, as lock files and npm's configuration have it. */
function registries(text: string): string[] {
  return text.match(/"resolved": "https?:|\bregistry\s*=\s*https?:|\bregistry\.[a-z]+\.[a-z]/g) ?? []
}

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8')
}
