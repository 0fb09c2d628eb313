import type { Bytes } from '../encoding.ts'

/** SHA-256 of some bytes: 32 bytes. Of what is guessed easily it hides nothing; see `mac`. */
export async function sha256(message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', message))
}
