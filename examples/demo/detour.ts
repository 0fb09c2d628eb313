/** A page that asks for something, and then leads back to where it was needed; as `redirectTo` of requireFresh does. */
export function detour(page: string, back: string): string {
  return `${page}?${new URLSearchParams({ return_to: back })}`
}
