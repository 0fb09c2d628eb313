import { type Profiler, Session } from 'node:inspector/promises'

/** What of the library has run, block by block, as V8 counts it. */
export interface Coverage {
  /** The blocks that were run since the last time it was asked. */
  taken(): Promise<Set<string>>
  stop(): Promise<void>
}

/** Only what the library is made of counts. */
const LIBRARY = /\/(?:src|dist)\/(?!testing\/)[^?]*\.[jt]s(?:$|\?)/

export async function startCoverage(): Promise<Coverage> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  return {
    async taken() {
      const blocks = new Set<string>()
      const { result } = await session.post('Profiler.takePreciseCoverage')
      for (const script of result) if (LIBRARY.test(script.url)) addBlocks(blocks, script)
      return blocks
    },
    async stop() {
      await session.post('Profiler.stopPreciseCoverage')
      session.disconnect()
    },
  }
}

function addBlocks(blocks: Set<string>, { url, functions }: Profiler.ScriptCoverage): void {
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      if (count > 0) blocks.add(`${url} ${startOffset} ${endOffset}`)
    }
  }
}
