/** What of Workers' own module is used, as far as it has to be known here. */
declare module 'cloudflare:workers' {
  export const DurableObject: new (state: object, env: unknown) => object
}
