import { raw } from 'hono/html'
import { totpUri } from 'wafer-session/totp'
import { totpQrCode } from 'wafer-session/totp/qr-code'

/** Shows the secret as a QR code, as a link for the phone that the page is on, and as text to type. */
export function Enrolment({ account, secret }: { account: string; secret: string }) {
  const uri = totpUri({ issuer: 'The Wafer Shop', account, secret })
  return (
    <>
      <p class="lead">Scan this with an authenticator app, then give the code that it shows.</p>
      <form method="post" class="card stack">
        <div class="qr-code">{raw(totpQrCode(uri))}</div>
        <p class="quiet">
          On this phone: <a href={uri}>open your app</a>. To type it in:{' '}
          <code class="wrap">{secret.match(/.{1,4}/g)?.join(' ')}</code>
        </p>
        <CodeField label="Code of your app" />
        <button type="submit">Turn it on</button>
      </form>
    </>
  )
}

export function CodeField({ label, hint }: { label: string; hint?: string }) {
  return (
    <>
      <label for="code">{label}</label>
      {hint && (
        <p class="quiet" id="code-hint">
          {hint}
        </p>
      )}
      <input
        id="code"
        name="code"
        autocomplete="one-time-code"
        autocapitalize="none"
        spellcheck={false}
        required
        maxlength={60}
        aria-describedby={hint && 'code-hint'}
      />
    </>
  )
}

export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div class="card recovery-codes">
      <h2>Your recovery codes</h2>
      <p>
        Each lets you in once, without the app. Keep them where your phone is not: they are shown only now.
      </p>
      <ul>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </div>
  )
}

export function TurnedOn({ left }: { left: number }) {
  return (
    <>
      <p class="lead">
        Signing in takes your password and a code of your app. {left} recovery{' '}
        {left === 1 ? 'code is' : 'codes are'} left.
      </p>
      <form method="post" class="actions">
        <button type="submit" name="action" value="recovery-codes" class="secondary">
          New recovery codes
        </button>
        <button type="submit" name="action" value="off" class="secondary">
          Turn it off
        </button>
        <a class="button" href="/account">
          Back to the account
        </a>
      </form>
    </>
  )
}
