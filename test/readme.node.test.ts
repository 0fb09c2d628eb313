import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { generateSecret } from 'wafer-session'
import { cookieJar, type Fetcher } from 'wafer-session/testing'
import { root } from './support/dist.ts'
import { anchors, codeBlocks, localAnchors, localLinks } from './support/markdown.ts'

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...docs()]
const blocks = pages.flatMap((page) => codeBlocks(page, read(page)))
/** Inside the repository, so that imports find its packages. */
const folder = mkdtempSync(join(root, 'test/.readme-'))

afterAll(() => {
  rmSync(folder, { recursive: true })
  vi.unstubAllEnvs()
})

vi.mock('cloudflare:workers', () => ({ DurableObject: class {} }))
vi.stubEnv('SESSION_SECRET', generateSecret())
vi.stubEnv('UPSTASH_REDIS_REST_URL', 'https://redis.test')
vi.stubEnv('UPSTASH_REDIS_REST_TOKEN', 'token')
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config()))
blocks.forEach(({ place, code }, i) => {
  writeFileSync(join(folder, fileName(i)), `// ${place}\n${code}`)
})

// Every block runs, here, where those that define tests can still add them to this file's.
const outcomes: { module?: Record<string, unknown>; error?: unknown }[] = []
for (const i of blocks.keys()) {
  outcomes.push(
    await import(join(folder, fileName(i))).then(
      (module) => ({ module }),
      (error) => ({ error }),
    ),
  )
}

test.each(blocks.map(({ place }, i) => ({ place, i })))('$place runs', ({ i }) => {
  if (outcomes[i]?.error !== undefined) throw outcomes[i].error
  expect(outcomes[i]).toHaveProperty('module')
})

test('there are blocks to check', () => {
  expect(blocks.length).toBeGreaterThan(10)
})

test('every block of TypeScript in the documents type-checks', () => {
  expect(() => tsc()).not.toThrow()
})

test('the first block of README.md does what it says', async () => {
  const app = outcomes[0]?.module?.default as Fetcher
  const jar = cookieJar()
  expect(await (await jar.request(app, '/cart')).json()).toEqual([])
  expect(jar.header()).toBe('')

  await jar.request(app, '/cart/mug', { method: 'POST' })
  await jar.request(app, '/cart/pen', { method: 'POST' })
  expect(await (await jar.request(app, '/cart')).json()).toEqual(['mug', 'pen'])
  expect((await jar.request(app, '/account')).status).toBe(401)

  await jar.request(app, '/login', { method: 'POST', body: new URLSearchParams({ user: 'ada' }) })
  expect(await (await jar.request(app, '/account')).text()).toBe('ada')
  expect(await (await jar.request(app, '/cart')).json()).toEqual(['mug', 'pen'])
})

test('the lines of the first block stay few', () => {
  expect(read('README.md').split('```ts\n')[1]?.split('```')[0]?.split('\n').length).toBeLessThan(25)
})

test.each(pages)('%s links only to what is there', (page) => {
  for (const link of localLinks(read(page)).filter((path) => path !== '')) {
    expect(existsSync(join(root, dirname(page), link)), `${page} links to ${link}`).toBe(true)
  }
})

test.each(pages)('the anchors that %s links to are headings', (page) => {
  for (const [path, anchor] of localAnchors(read(page))) {
    const target = path === '' ? page : join(dirname(page), path)
    expect(anchors(read(target)), `${page} links to ${path}#${anchor}`).toContain(anchor)
  }
})

test('there are anchors to check', () => {
  expect(pages.flatMap((page) => localAnchors(read(page))).length).toBeGreaterThan(10)
})

test.each(['README.md', 'SECURITY.md', 'docs/sealed-cookies.md'])(
  'row 16: %s says in bold that with sealed cookies alone nobody can revoke a single session',
  (page) => {
    const bold = read(page)
      .replaceAll(/\s+(?:> )?/g, ' ')
      .match(/\*\*[^*]+\*\*/g)
    expect(bold?.join('\n')).toMatch(
      /no (?:way to revoke one session|per-session revocation|revocation of a single)/,
    )
  },
)

test('row 68: the documents bound the messages per key', () => {
  for (const page of ['SECURITY.md', 'docs/secrets.md']) {
    expect(read(page)).toMatch(/2\^32 seals\*{0,2}\s+per\s+secret/)
  }
})

test('row 96: README.md puts csrf() in front of session()', () => {
  expect(read('README.md')).toContain('app.use(csrf())\napp.use(session())')
})

function fileName(index: number): string {
  return `block-${index}.ts`
}

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

function docs(): string[] {
  return readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
}

/** As strict as the tests; only what a snippet leaves unused is no mistake. */
function config() {
  return {
    extends: '../tsconfig.json',
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, moduleDetection: 'force' },
    include: ['*.ts'],
  }
}

function tsc(): void {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      cwd: root,
      encoding: 'utf8',
    })
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout)
  }
}
