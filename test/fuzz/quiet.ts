const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const

/** The lines that were written to the console while something ran. */
export async function linesOf(work: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = []
  const kept = METHODS.map((method) => console[method])
  for (const method of METHODS) console[method] = (...parts: unknown[]) => void lines.push(parts.join(' '))
  try {
    await work()
  } finally {
    for (const [i, method] of METHODS.entries()) console[method] = kept[i] as () => void
  }
  return lines
}
