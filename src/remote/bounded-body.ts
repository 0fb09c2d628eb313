import { concat } from '../encoding.ts'

/** The bytes of a body; null when there are more than this, of which no more is read. */
export async function boundedBody(
  { body }: Request | Response,
  maxBytes: number,
): Promise<Uint8Array | null> {
  if (body === null) return new Uint8Array()
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value)
    size += part.value.length
    if (size > maxBytes) {
      await reader.cancel().catch(() => {})
      return null
    }
  }
  return concat(...chunks)
}
