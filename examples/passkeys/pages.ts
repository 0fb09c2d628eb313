import { html } from 'hono/html'
import type { Session } from 'wafer-session'
import type { Passkey, User } from './people.ts'

type Html = ReturnType<typeof html>

export function homePage({ amr, acr }: Session<object>, user: User | undefined): Html {
  if (user === undefined) {
    return page(
      'Passkeys',
      html`${ceremony('create', '/register', '/', 'Create an account', html`<label>Name <input name="name" required maxlength="64" autocomplete="username"></label>`)}
        ${ceremony('get', '/sign-in', '/', 'Sign in')}`,
    )
  }
  return page(
    `Hello ${user.name}`,
    html`<p>Signed in by <code>${amr.join(' ')}</code>, level <code>${acr}</code>.</p>
      <p><a href="/passkeys">Your passkeys</a></p>
      <form method="post" action="/sign-out"><button>Sign out</button></form>`,
  )
}

/** @param next A path of this site. */
export function stepUpPage(next: string): Html {
  return page('Is it still you?', ceremony('get', '/step-up', next, 'Confirm with your passkey'))
}

export function passkeysPage(passkeys: readonly Passkey[]): Html {
  return page(
    'Your passkeys',
    html`<ul>${passkeys.map(({ id, backedUp, counter }) => html`<li><code>${id}</code>, ${backedUp ? 'synced' : 'on one device'}, used ${counter} times</li>`)}</ul>
      ${ceremony('create', '/passkeys', '/passkeys', 'Add another passkey')}
      <p><a href="/">Home</a></p>`,
  )
}

/** A form that ceremony.js turns into one: options from `action`/options, the answer to `action`, then on to `next`. */
function ceremony(kind: 'create' | 'get', action: string, next: string, text: string, fields?: Html): Html {
  return html`<form action="${action}" data-ceremony="${kind}" data-next="${next}">${fields ?? ''} <button>${text}</button></form>`
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title}</title>
        <script src="/ceremony.js" defer></script>
      </head>
      <body>
        <h1>${title}</h1>
        ${content}
        <p role="status"></p>
        <noscript>Passkeys need JavaScript.</noscript>
      </body>
    </html>`
}
