const isWorkerd = globalThis.navigator?.userAgent === 'Cloudflare-Workers'

/** Without what no header can hold: a server would have refused that; nor what workerd writes a warning about. */
export function headerValue(text: string): string {
  return text.replace(isWorkerd ? /[^\t\x20-\x7e]/g : /[^\t\x20-\x7e\x80-\xff]/g, '')
}
