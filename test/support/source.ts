import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseAst } from 'vitest/node'
import { files, root } from './dist.ts'

/** A node of the syntax tree, as far as the floors test looks at it. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** A file of src/, parsed. */
export interface SourceFile {
  /** From src/, such as `crypto/seal.ts`. */
  readonly name: string
  readonly text: string
  readonly nodes: readonly Node[]
  /** What it imports and re-exports, types included: files of src/ by their name, packages by theirs. */
  readonly imports: readonly string[]
}

/** Every file of src/. */
export function sourceFiles(): SourceFile[] {
  const src = join(root, 'src')
  return files(src)
    .map((file) => file.replaceAll('\\', '/'))
    .map((name) => {
      const text = readFileSync(join(src, name), 'utf8')
      const nodes = [...walk(parseAst(text, { lang: 'ts' }))]
      return { name, text, nodes, imports: nodes.flatMap((node) => importedBy(node, name)) }
    })
}

/** The lines from the first to the last of a node. */
export function lineCount({ text }: SourceFile, { start, end }: Node): number {
  return text.slice(start, end).split('\n').length
}

function* walk(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return
  if ('type' in value && typeof value.type === 'string') yield value as Node
  for (const child of Object.values(value)) yield* walk(child)
}

function importedBy(node: Node, from: string): string[] {
  const source = node.source as { value?: unknown } | null | undefined
  if (!/^(?:Import|Export)/.test(node.type) || typeof source?.value !== 'string') return []
  return [source.value.startsWith('.') ? posix.join(posix.dirname(from), source.value) : source.value]
}
