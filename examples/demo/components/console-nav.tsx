import type { Context } from 'hono'

const PAGES = [
  ['/console/session', 'This session'],
  ['/console/attacks', 'Attacks'],
  ['/console/operator', 'Operator'],
] as const

/** Leads from one page of the console to the others. */
export function ConsoleNav({ c }: { c: Context }) {
  return (
    <nav aria-label="Console" class="console-nav">
      {PAGES.map(([href, text]) => (
        <a key={href} href={href} aria-current={c.req.path.startsWith(href) ? 'page' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  )
}
