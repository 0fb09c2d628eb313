/** The session tests of OWASP's Web Security Testing Guide, by number, in our own words. */
export const wstg: Readonly<Record<string, string>> = {
  'WSTG-SESS-01': 'Tokens cannot be guessed, read or altered',
  'WSTG-SESS-02': 'Cookies have their attributes',
  'WSTG-SESS-03': 'A planted session does not become somebody’s',
  'WSTG-SESS-04': 'Tokens do not get about, and caches keep nothing',
  'WSTG-SESS-05': 'Other sites do nothing in a visitor’s name',
  'WSTG-SESS-06': 'Sign-out can be found, and ends the session',
  'WSTG-SESS-07': 'Timeouts hold on the server',
  'WSTG-SESS-08': 'No page makes of a session what another takes it for',
  'WSTG-SESS-09': 'A session is hard to steal, and a stolen one can be ended',
  'WSTG-SESS-10': 'Self-contained tokens cannot be forged',
  'WSTG-SESS-11': 'Several sessions of one user are known and ended',
}

export const WSTG_FILE = 'test/wstg.node.test.ts'

/** The scenarios of a number, by their titles. */
export function scenariosIn(source: string, number: string): string[] {
  return Array.from(source.matchAll(/['"`](WSTG-SESS-\d\d): ([^'"`\n]*)['"`]/g))
    .filter(([, of], i, all) => of === number && !isGroup(all, i))
    .map(([, , title = '']) => title)
}

/** What a `describe` is called. */
function isGroup(all: readonly RegExpExecArray[], at: number): boolean {
  const match = all[at]
  return match !== undefined && /describe\($/.test(match.input.slice(0, match.index).trimEnd())
}
