import type { Fetch } from './peers/peer.ts'

export const ORIGIN = 'https://example.test'
/** For all peers; long enough for each. */
export const SECRET = 'bench/secret/bench/secret/bench/secret/bench='

/** A browser that keeps what it is told to, of whatever name, until it is told otherwise. */
export class Visitor {
  readonly cookies: Map<string, string>
  readonly #fetch: Fetch

  constructor(fetch: Fetch, cookies: Iterable<readonly [string, string]> = []) {
    this.#fetch = fetch
    this.cookies = new Map(cookies)
  }

  get header(): string {
    return Array.from(this.cookies, (pair) => pair.join('=')).join('; ')
  }

  async send(method: 'GET' | 'POST', path: string): Promise<Response> {
    const headers: HeadersInit = this.cookies.size > 0 ? { Cookie: this.header } : {}
    const response = await this.#fetch(new Request(`${ORIGIN}${path}`, { method, headers }))
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    return response
  }

  async read(): Promise<string> {
    return (await this.send('GET', '/read')).text()
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/; ?/)
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
    const gone = attributes.some((attribute) => /^max-age=(?:0|-\d+)$|^expires=.* 1970 /i.test(attribute))
    if (gone) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}
