import type { CreateApp } from '../peers/peer.ts'
import { type Batch, createRunner } from './runner.ts'

/** A Worker that runs the batch that it is sent. Its clock stands still, so the sender takes the time. */
export function workerOf(createApp: CreateApp): { fetch(request: Request): Promise<Response> } {
  const run = createRunner(createApp)
  return {
    async fetch(request) {
      await run((await request.json()) as Batch)
      return new Response()
    },
  }
}
