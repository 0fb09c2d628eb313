import { fromUtf8 } from '../encoding.ts'
import { boundedBody } from '../remote/bounded-body.ts'

/** Bytes: many times what a token has. */
const MAX_FORM_BYTES = 65_536

/**
 * A field of a posted form. Read here and not by `request.formData()`, which takes whatever comes.
 *
 * @returns Undefined for a body that is no form, or has none or several of that field; null for one that is too large.
 */
export async function formField(request: Request, name: string): Promise<string | undefined | null> {
  const [type = ''] = (request.headers.get('Content-Type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return undefined
  if (Number(request.headers.get('Content-Length')) > MAX_FORM_BYTES) return null
  const bytes = await boundedBody(request, MAX_FORM_BYTES)
  if (bytes === null) return null
  const values = new URLSearchParams(fromUtf8(bytes) ?? '').getAll(name)
  return values.length === 1 ? values[0] : undefined
}
