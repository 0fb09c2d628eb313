/** As much of the package, which brings no types, as this example uses. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  interface GrantModel {
    new (owner: { clientId: string; accountId: string }): Grant
    find(id: string): Promise<Grant | undefined>
  }

  export interface KoaContext {
    body: string
    type: string
    readonly oidc: {
      readonly client: { readonly clientId: string }
      readonly session: { readonly accountId: string; grantIdFor(clientId: string): string | undefined }
      readonly provider: { readonly Grant: GrantModel }
    }
  }

  export default class Provider {
    constructor(issuer: string, configuration: object)
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { login: { accountId: string } },
    ): Promise<void>
    on(event: 'backchannel.error', listener: (ctx: KoaContext, error: Error) => void): this
    on(event: 'server_error', listener: (ctx: KoaContext, error: Error) => void): this
  }
}
