/**
 * `npm run coverage`: the lines and branches of src/ that tests on Node run, written to docs/coverage.md. Fails when a line
 * is run by no test and scripts/coverage/justified.ts does not say why, or when that gives a reason for what is run. Branches
 * are counted, and shown with `--branches`: most that are left are the other half of a `??` that only the compiler asks for.
 * With `--check` it runs nothing, and fails when what is justified is not there, or the page does not have it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Count, type Gap, type Measured, readCoverage } from './coverage/gaps.ts'
import { justified } from './coverage/justified.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = `${root}docs/coverage.md`

/** What runs src/ in the process of the test: not the demo, the examples, and whatever else starts another. */
const FOLDERS = [
  'cookie',
  'crypto',
  'hono',
  'jwt',
  'manager',
  'monitor',
  'oidc',
  'remote',
  'session',
  'testing',
  'totp',
]
const FILES = [
  'conformance/',
  'stores/memory',
  'stores/redis-behaviour',
  'stores/clients',
  'stores/redis.node',
  'stores/redis-cluster',
]
const MORE = [
  'stores/memcached',
  'stores/upstash',
  'stores/unstorage',
  'encoding.test',
  'testing.test',
  'vectors.test',
]

if (process.argv.includes('--check')) check()
else measure()

function measure(): void {
  const tests = [...FOLDERS.map((name) => `${name}/`), ...FILES, ...MORE].map((path) => `test/${path}`)
  const options = ['--coverage.enabled', '--coverage.provider=v8', '--coverage.include=src/**/*.ts']
  const reports = [
    '--coverage.reporter=json',
    '--coverage.reportsDirectory=coverage',
    '--coverage.reportOnFailure',
  ]
  // Slow, and what it runs the others run too.
  const without = ['--exclude=test/oidc/single-sign-out.node.test.ts']
  const vitest = ['vitest', 'run', '--project', 'runtime', '--project', 'node', ...without]
  const { status } = spawnSync('npx', [...vitest, ...options, ...reports, ...tests], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) fail('Some tests failed, and what they run may be missing below.')
  const read = (isMeant: (file: string) => boolean) =>
    readCoverage(`${root}coverage/coverage-final.json`, root, isMeant)
  const measured = read(() => true)
  writeFileSync(
    target,
    page(
      measured,
      read((file) => typeof justified[file] !== 'string'),
    ),
  )
  console.log(`\nlines ${share(measured.lines)}, branches ${share(measured.branches)}`)
  for (const gap of measured.gaps.filter((gap) => reasonOf(gap) === undefined)) {
    const where = `${gap.file}:${gap.line}: ${gap.code}`
    if (gap.kind === 'line') fail(`No test runs it, and there is no reason why: ${where}`)
    else if (process.argv.includes('--branches')) console.log(`A branch that no test takes: ${where}`)
  }
  for (const { file, code } of reasons()) {
    const isGap = measured.gaps.some(
      (gap) => gap.kind === 'line' && gap.file === file && (code === undefined || gap.code === code),
    )
    if (!isGap) fail(`${file}: tests run this, so it needs no reason: ${code ?? 'the whole file'}`)
  }
}

function check(): void {
  const written = existsSync(target) ? readFileSync(target, 'utf8') : ''
  for (const reason of reasons()) {
    const { file, code } = reason
    const lines = existsSync(root + file) ? readFileSync(root + file, 'utf8').split('\n') : []
    const isThere = lines.some((line) => code === undefined || line.trim() === code)
    if (!isThere) fail(`${file} does not have what is justified: ${code ?? 'the whole file'}`)
    if (!written.includes(rowOf(reason))) fail(`docs/coverage.md lacks ${file}: npm run coverage`)
  }
}

interface Reason {
  readonly file: string
  /** The line; undefined for the whole file. */
  readonly code?: string
  readonly why: string
}

function reasons(): Reason[] {
  return Object.entries(justified).flatMap(([file, why]): Reason[] =>
    typeof why === 'string'
      ? [{ file, why }]
      : Object.entries(why).map(([code, why]) => ({ file, code, why })),
  )
}

function reasonOf({ file, code }: Gap): string | undefined {
  const why = justified[file]
  return typeof why === 'object' ? why[code] : why
}

/** @param here The same without files of which nothing has to run on Node. */
function page({ lines, branches }: Measured, here: Measured): string {
  return `# Coverage

Of the lines of \`src/\` tests on Node run ${share(here.lines)}, of the branches
${share(here.branches)}, not counting the files that run in workerd; counting them,
${share(lines)} and ${share(branches)}.
Measured by \`npm run coverage\`; do not edit. What they do not run, and why:

| file | line | why |
| --- | --- | --- |
${reasons().map(rowOf).join('\n')}
`
}

function rowOf({ file, code, why }: Reason): string {
  const line = code === undefined ? 'what is left of it' : `\`\` ${code.replaceAll('|', '\\|')} \`\``
  return `| [${file.slice('src/'.length)}](../${file}) | ${line} | ${why} |`
}

function share({ covered, total }: Count): string {
  return `${((covered / total) * 100).toFixed(2)} % (${covered} of ${total})`
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
