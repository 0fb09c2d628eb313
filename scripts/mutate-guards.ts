/**
 * `npm run mutate:guards`: takes out each guard of scripts/mutation/guards.ts by itself and runs the tests that are named
 * there, which have to fail. A name as an argument takes that guard alone. The simulation has other guards, and takes them
 * out in `npm test`.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { edited } from '../test/simulation/bundle.ts'
import { NAMED_GUARDS, type NamedGuard } from './mutation/guards.ts'
import { FILES, ROOT, read, write } from './mutation/state.ts'

interface Report {
  readonly numTotalTests: number
  readonly numFailedTests: number
}

const wanted = process.argv.slice(2)
for (const [name, guard] of Object.entries(NAMED_GUARDS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { numFailedTests, numTotalTests } = testsWithout(guard)
  const held = numFailedTests > 0 && numFailedTests < numTotalTests
  if (!held) process.exitCode = 1
  console.log(
    `${held ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${numFailedTests} of ${numTotalTests} tests fail`,
  )
}

/** Only what some tests say counts: sources that do not load would fail them all. */
function testsWithout({ edits, tests }: NamedGuard): Report {
  const sources: Record<string, string> = {}
  for (const edit of edits) {
    const path = ROOT + edit.file
    sources[path] = edited(sources[path] ?? readFileSync(path, 'utf8'), edit)
  }
  write(FILES.guard, sources)
  rmSync(FILES.guardReport, { force: true })
  const args = ['vitest', 'run', '--config', 'scripts/mutation/vitest.config.ts', ...tests]
  spawnSync('npx', [...args, '--reporter=json', `--outputFile.json=${FILES.guardReport}`], {
    cwd: ROOT,
    stdio: 'ignore',
    env: { ...process.env, MUTATION_SOURCES: FILES.guard },
  })
  return read(FILES.guardReport)
}
