/** An example that listens. */
export interface Server {
  readonly url: string
  stop(): Promise<void>
}

export const SECRET = 'bench+secret+bench+secret+bench+secret+bench='

/** What a browser would send back, nothing if nothing was set. */
export function cookieOf(response: Response): string | undefined {
  const [line] = response.headers.getSetCookie()
  return line?.slice(0, line.indexOf(';'))
}
