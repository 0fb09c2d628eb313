/** A block of TypeScript in a page of documentation, as it can be compiled. */
export interface CodeBlock {
  /** Page and line, for messages: `README.md:14`. */
  readonly place: string
  /** With the preamble before it, which readers do not see. */
  readonly code: string
}

/** `<!-- preamble … -->` right before a block holds what the page need not show, such as the check of a password. */
const BLOCK = /(?:<!-- preamble\n(?<preamble>[\s\S]*?)-->\n)?^```ts\n(?<code>[\s\S]*?)^```$/gm

/** The ```ts blocks of a page. */
export function codeBlocks(page: string, markdown: string): CodeBlock[] {
  return Array.from(markdown.matchAll(BLOCK), ({ index, groups }) => ({
    place: `${page}:${markdown.slice(0, index).split('\n').length}`,
    code: `${groups?.preamble ?? ''}${groups?.code}`,
  }))
}

/** Where the page links to inside the repository, anchors apart. */
export function localLinks(markdown: string): string[] {
  return Array.from(
    markdown.matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#[^)]*)?\)/g),
    ([, path = '']) => path,
  )
}

/** The headings that it links to: the page, empty for this one, and the anchor. */
export function localAnchors(markdown: string): [path: string, anchor: string][] {
  return Array.from(
    markdown.matchAll(/\]\((?!https?:|mailto:)([^)#]*)#([^)]+)\)/g),
    ([, path = '', anchor = '']) => [path, anchor],
  )
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(markdown: string): string[] {
  return Array.from(markdown.matchAll(/^#+ (.+)$/gm), ([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}
