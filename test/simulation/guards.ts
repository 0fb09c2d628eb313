/** One exact snippet of the sources and what takes its place. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** What each guard is, and how the sources look without it. */
export const GUARDS: Readonly<Record<string, readonly Edit[]>> = {
  cas: [
    {
      file: 'src/stores/memory.ts',
      find: 'if (entry?.version !== version) return null',
      replace: 'if (!entry) return null',
    },
  ],
}
