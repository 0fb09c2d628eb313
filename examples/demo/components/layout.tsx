import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import { type Session, SessionError } from 'wafer-session'
import { cartCount } from '../cart.ts'
import type { Data, DemoEnv } from '../env.ts'
import { findPerson } from '../people.ts'
import { CookieNote } from './cookie-note.tsx'
import { Flash } from './flash.tsx'

interface LayoutProps {
  c: Context<DemoEnv>
  title: string
  children?: Child
}

export function Layout({ c, title, children }: LayoutProps) {
  // On a page about trouble with the session there is none to speak of.
  const session: Session<Data> | undefined = c.error instanceof SessionError ? undefined : c.var.session
  const count = cartCount(session?.data ?? {})
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · The Wafer Shop`}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
        <link rel="stylesheet" href="/console.css" />
        <script src="/countdown.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="top">
          <a class="brand" href="/">
            <img src="/favicon.svg" alt="" width="32" height="32" />
            The Wafer Shop
          </a>
          <nav aria-label="Main">
            <NavLink c={c} href="/">
              Shop
            </NavLink>
            <NavLink c={c} href="/cart">
              Cart {count > 0 && <span class="count">{count}</span>}
            </NavLink>
            <NavLink c={c} href="/console/session">
              Console
            </NavLink>
            {session && <PersonLink c={c} session={session} />}
            {session && (session.userId ?? session.pending) !== undefined && <SignOut />}
          </nav>
        </header>
        <main id="main" tabindex={-1}>
          {/* What a failed request consumes is not written, and would be said twice. */}
          {session && c.error === undefined && <Flash session={session} />}
          {children}
        </main>
        <footer>{session && <CookieNote c={c} />}</footer>
      </body>
    </html>
  )
}

/** On every page: nobody should have to look for it (ASVS 7.4.4). */
function SignOut() {
  return (
    <form method="post" action="/sign-out">
      <button type="submit">Sign out</button>
    </form>
  )
}

function PersonLink({ c, session }: { c: Context; session: Session<Data> }) {
  const [href, text] = whereTo(session)
  return (
    <NavLink c={c} href={href}>
      {text}
    </NavLink>
  )
}

function whereTo({ userId, pending }: Session<Data>): readonly [href: string, text: string | undefined] {
  if (userId !== undefined) return ['/account', findPerson(userId)?.name]
  return pending === undefined ? ['/sign-in', 'Sign in'] : ['/confirm', 'Is it you?']
}

function NavLink({ c, href, children }: { c: Context; href: string; children?: Child }) {
  return (
    <a href={href} aria-current={c.req.path === href ? 'page' : undefined}>
      {children}
    </a>
  )
}
