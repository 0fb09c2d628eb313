/** What of Workers' own module this demo uses; the package of all its types would do as well. */
declare module 'cloudflare:workers' {
  export const waitUntil: (work: Promise<unknown>) => void
}
