import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Fetch } from './peer.ts'

const socket = Object.assign(new Socket(), { encrypted: true })

/** Calls a Node application without a network, for requests that have no body. */
export function fetchOf(listener: RequestListener): Fetch {
  return ({ method, url, headers }) => {
    const request = new IncomingMessage(socket)
    request.method = method
    request.url = new URL(url).pathname
    request.headers = Object.fromEntries(headers)
    const { promise, resolve } = Promise.withResolvers<Response>()
    const response = new ServerResponse(request)
    const body: Uint8Array[] = []
    response.write = (chunk: unknown) => {
      if (!response.headersSent) response.writeHead(response.statusCode)
      body.push(Buffer.from(chunk as string))
      return true
    }
    response.end = (chunk: unknown = '') => {
      response.write(chunk)
      const init = { status: response.statusCode, headers: linesOf(response) }
      resolve(new Response(Buffer.concat(body), init))
      return response
    }
    listener(request, response)
    return promise
  }
}

function linesOf(response: ServerResponse): [string, string][] {
  return Object.entries(response.getHeaders()).flatMap(([name, value]) =>
    [value].flat().map((line): [string, string] => [name, String(line)]),
  )
}
