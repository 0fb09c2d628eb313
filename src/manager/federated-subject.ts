/** Whom a logout at an OpenID provider is about (OpenID Connect Back-Channel Logout 1.0 §2.4): one of its sessions, or a user. */
export type FederatedSubject =
  | { readonly iss: string; readonly sid: string; readonly sub?: string | undefined }
  | { readonly iss: string; readonly sid?: undefined; readonly sub: string }
