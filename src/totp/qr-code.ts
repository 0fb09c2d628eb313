/**
 * The QR code from which an authenticator app enrols.
 *
 * @module
 */
import { encode } from 'uqr'
import { utf8 } from '../encoding.ts'

export interface QrCodeOptions {
  /** What a screen reader says: in the language of the page. @default 'QR code for an authenticator app' */
  readonly title?: string | undefined
}

/** Modules of white around the code (ISO/IEC 18004). */
const QUIET_ZONE = 4

/** Pixels of a module, where no style sheet says otherwise. */
const MODULE = 4

/** What the largest QR code holds at level M, in bytes. */
const MAX_BYTES = 2331

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * An SVG to put into the page: black on a white square of its own, so that cameras read it in a dark theme too. It needs
 * no style and no script, and holds the secret: send it with `Cache-Control: no-store`, and to no service for QR codes.
 *
 * @param uri What `totpUri` gives.
 * @throws {TypeError | RangeError} When it is no `otpauth:` URI, or is too long for a QR code.
 */
export function totpQrCode(uri: string, options: QrCodeOptions = {}): string {
  const { title = 'QR code for an authenticator app' } = options
  if (typeof uri !== 'string' || !uri.startsWith('otpauth://')) {
    throw new TypeError('totpQrCode(uri) wants an otpauth: URI, as totpUri() gives it.')
  }
  if (typeof title !== 'string') throw new TypeError('title must be a string.')
  if (utf8(uri).length > MAX_BYTES) {
    throw new RangeError(`The URI has more than ${MAX_BYTES} bytes: use a shorter issuer and account.`)
  }
  const { data, size } = encode(uri, { ecc: 'M', border: QUIET_ZONE })
  const pixels = size * MODULE
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${pixels}" height="${pixels}"` +
    ` viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><title>${escapeText(title)}</title>` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${data.map(runs).join('')}"/></svg>`
  )
}

/** A rectangle for each run of black modules in a row. */
function runs(row: readonly boolean[], y: number): string {
  const text = row.map((black) => (black ? '1' : '0')).join('')
  return Array.from(text.matchAll(/1+/g), ({ index, 0: { length } }) => {
    return `M${index} ${y}h${length}v1h-${length}z`
  }).join('')
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
}
