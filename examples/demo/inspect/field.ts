/** A part of a cookie or a record, named as in docs/format.md. */
export interface Field {
  readonly name: string
  readonly size: number
  /** As much of it as may be shown, in hex; at most the first bytes of what is long. */
  readonly hex: string
  /** Bytes that are not shown, since whoever has them all is the user. */
  readonly withheld: number
  readonly means: string
}

export interface Layout {
  readonly name: string
  /** Bytes; what is left over for the one field without. */
  readonly size?: number
  /** Bytes of it that a page may show, when not all. */
  readonly shown?: number
  readonly means: string | ((bytes: Uint8Array) => string)
}

/** @returns Null when there are fewer bytes than the layout wants. */
export function fieldsOf(bytes: Uint8Array, layout: readonly Layout[]): Field[] | null {
  const rest = bytes.length - layout.reduce((sum, { size = 0 }) => sum + size, 0)
  if (rest < 0) return null
  let at = 0
  return layout.map(({ name, size = rest, shown = size, means }) => {
    const part = bytes.subarray(at, at + size)
    at += size
    return {
      name,
      size,
      hex: toHex(part.subarray(0, shown)),
      withheld: Math.max(0, size - shown),
      means: typeof means === 'string' ? means : means(part),
    }
  })
}

/** Null for what is not base64url. */
export function fromBase64Url(text: string): Uint8Array | null {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
