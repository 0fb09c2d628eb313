import type { TagKind } from '../crypto/tag.ts'
import type { OidcSubject } from '../session/record.ts'
import type { FederatedSubject } from './federated-subject.ts'

/** What is tagged, or marked. */
export type Subject = readonly [kind: TagKind, ...names: string[]]

export function federatedTag({ iss, sid, sub }: FederatedSubject): Subject {
  return sid === undefined ? ['oidc-sub', iss, sub] : ['oidc-sid', iss, sid]
}

/** Both ways by which a provider can name a session; none for one that came from no provider. */
export function federatedTags(oidc: OidcSubject | undefined): Subject[] {
  if (oidc === undefined) return []
  const { iss, sub, sid } = oidc
  const bySub: Subject = ['oidc-sub', iss, sub]
  return sid === undefined ? [bySub] : [['oidc-sid', iss, sid], bySub]
}

export function isOf(oidc: OidcSubject | undefined, { iss, sid, sub }: FederatedSubject): boolean {
  if (oidc?.iss !== iss) return false
  return (sid === undefined || oidc.sid === sid) && (sub === undefined || oidc.sub === sub)
}
