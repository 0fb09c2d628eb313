import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Answer {
  /** What was asked for; undefined when it was refused. */
  // biome-ignore lint/suspicious/noExplicitAny: every question has an answer of its own shape.
  readonly answer?: any
  /** Why; `outage` for what is under a secret that is not in the list. */
  readonly refused?: string
}

/** The implementation in Python: one process, asked one line at a time. */
export interface Python {
  ask(question: string, details: object): Promise<Answer>
  close(): Promise<void>
}

/** Needs `python3`, and nothing but its standard library. */
export function startPython(): Python {
  const child = spawn('python3', ['-B', fileURLToPath(new URL('.', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = []
  const ended = endOf(child).then((why) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`python3 ended: ${why}`))
  })
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)))
  return {
    ask: (question, details) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify({ ask: question, ...details })}\n`)
      }),
    async close() {
      child.stdin.end()
      await ended
    },
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('exit', (code, signal) => resolve(String(signal ?? code)))
  })
}
