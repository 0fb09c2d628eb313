import type { SessionManager } from '../manager/manager.ts'
import type { Session } from '../session/session.ts'

/**
 * Makes `c.var.session` and `c.var.sessions` (the manager) known to TypeScript: `new Hono<SessionEnv<Data>>()`.
 * A second session beside it has a variable of its own: `SessionEnv<Data, 'admin'>` types `admin` and `admins`.
 */
export type SessionEnv<Data extends object = Record<string, unknown>, Variable extends string = 'session'> = {
  Variables: { [V in Variable]: Session<Data> } & { [V in `${Variable}s`]: SessionManager<Data> }
}

/** Which of several sessions side by side is meant. */
export interface VariableOption<Variable extends string = string> {
  /** The name of the context variable; the manager has the same with an `s`. @default 'session' */
  readonly variable?: Variable | undefined
}

/**
 * The variable that is meant, checked: a mistake here must not let the user of one session into the pages of another.
 *
 * @param known Names of further options.
 * @throws {TypeError} For anything but options.
 */
export function variableOf(caller: string, options: VariableOption, known: readonly string[] = []): string {
  const { variable = 'session', ...others } =
    typeof options === 'object' && options !== null ? options : { options }
  const unknown = Object.keys(others).filter((name) => !known.includes(name))
  if (typeof variable !== 'string' || unknown.length > 0) {
    throw new TypeError(
      `${caller} takes nothing or { ${["variable: 'name'", ...known].join(', ')} }. As a middleware it is written ${caller}().`,
    )
  }
  return variable
}
