import { type Mock, vi } from 'vitest'

const METHODS = [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'unwrapKey',
  'verify',
  'wrapKey',
] as const

export interface SubtleSpy {
  /** The methods called since the last time it was asked, in order. */
  calls(): string[]
  /** The arguments of every call of a method. */
  argumentsOf(method: (typeof METHODS)[number]): unknown[][]
  /** What every call of a method gave. */
  resultsOf(method: (typeof METHODS)[number]): Promise<unknown[]>
}

/** Watches every method of `crypto.subtle`; `vi.restoreAllMocks()` ends it. */
export function spySubtle(): SubtleSpy {
  let log: string[] = []
  const mocks = new Map<string, Mock>()
  for (const method of METHODS) {
    const original = crypto.subtle[method] as (...args: unknown[]) => unknown
    const mock = vi.spyOn(crypto.subtle, method) as unknown as Mock
    mock.mockImplementation((...args: unknown[]) => {
      log.push(method)
      return original.apply(crypto.subtle, args)
    })
    mocks.set(method, mock)
  }
  return {
    calls() {
      const seen = log
      log = []
      return seen
    },
    argumentsOf: (method) => mocks.get(method)?.mock.calls ?? [],
    resultsOf: (method) => Promise.all(mocks.get(method)?.mock.results.map(({ value }) => value) ?? []),
  }
}
