import { type CookieJarOptions, cookieJar, type Fetcher } from 'wafer-session/testing'
import { PASSWORDS } from './passwords.ts'

/** Someone at the demo without a browser, who keeps cookies and sends forms as one would. */
export interface DemoClient {
  /** The value of the session cookie. */
  cookie(): string | undefined
  setCookie(value: string): void
  get(path: string): Promise<Response>
  post(path: string, fields?: Record<string, string>): Promise<Response>
  signIn(name: keyof typeof PASSWORDS): Promise<Response>
}

/** @param demo The Worker itself, or what reaches it; without following where it leads. */
export function demoClient(demo: Fetcher, options: CookieJarOptions = {}): DemoClient {
  const jar = cookieJar(options)
  const post = (path: string, fields: Record<string, string> = {}) =>
    jar.request(demo, path, { method: 'POST', body: new URLSearchParams(fields) })
  return {
    cookie: () => jar.get('__Host-session'),
    setCookie: (value) => jar.set('__Host-session', value),
    get: (path) => jar.request(demo, path),
    post,
    signIn: (name) => post('/sign-in', { name, password: PASSWORDS[name] }),
  }
}
