import type { Place } from './place.ts'

/** Sends a request into the Worker, the whole way that a real one takes. */
export type Send = (request: Request, client: Place['client']) => Promise<Response>

/** What came back. */
export interface Answer {
  readonly status: number
  /** Where it leads, for a redirect. */
  readonly to: string | undefined
  readonly heading: string | undefined
}

/** Somebody with a browser in a place: keeps the session cookie, and sends forms as a page of the shop would. */
export class Visitor {
  readonly place: Place
  cookie: string | undefined
  readonly #cookieName: string
  readonly #origin: string
  readonly #send: Send

  constructor(
    place: Place,
    { cookieName, origin, send }: { cookieName: string; origin: string; send: Send },
  ) {
    this.place = place
    this.#cookieName = cookieName
    this.#origin = origin
    this.#send = send
  }

  get(path: string): Promise<Answer> {
    return this.#request(path, {})
  }

  post(path: string, fields: Record<string, string> = {}): Promise<Answer> {
    return this.#request(path, { method: 'POST', body: new URLSearchParams(fields) })
  }

  async #request(path: string, init: RequestInit): Promise<Answer> {
    const headers = new Headers({ 'User-Agent': this.place.userAgent, Origin: this.#origin })
    if (this.cookie !== undefined) headers.set('Cookie', `${this.#cookieName}=${this.cookie}`)
    const request = new Request(this.#origin + path, { ...init, headers })
    const response = await this.#send(request, this.place.client)
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    const { status } = response
    const heading = /<h1>(.*?)<\/h1>/.exec(await response.text())?.[1]
    return { status, to: response.headers.get('Location') ?? undefined, heading }
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';')
    if (!pair.startsWith(`${this.#cookieName}=`)) return
    this.cookie = pair.slice(this.#cookieName.length + 1) || undefined
  }
}
