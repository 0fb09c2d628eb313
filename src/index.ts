/**
 * Sessions for Web-standard runtimes, sealed in a cookie or kept in a store.
 *
 * @module
 */
export type { CookieOptions } from './cookie/serialize.ts'
export { generateSecret, type Secret } from './crypto/secret.ts'
export { SessionError, type SessionErrorCode } from './errors.ts'
export type {
  BindingEvent,
  CreateEvent,
  DiscardEvent,
  EndEvent,
  MoveEvent,
  RejectEvent,
  RejectReason,
  RenewEvent,
  SchemaEvent,
  SessionEvent,
  StoreErrorEvent,
} from './events.ts'
export type { FederatedSubject } from './manager/federated-subject.ts'
export { createSessionManager, type RespondOptions, type SessionManager } from './manager/manager.ts'
export type { SessionLimit, SessionManagerOptions } from './manager/options.ts'
export { aal1, aal2, aal3 } from './manager/presets.ts'
export type { ServerState, StateEntry, StatePlace } from './manager/server-state.ts'
export type {
  RiskAction,
  RiskAssessment,
  SessionClient,
  SessionMonitor,
  SessionObservation,
} from './manager/session-monitor.ts'
export type { RevokeAllOptions, UserSession, UserSessions } from './manager/users.ts'
export type {
  OidcSignIn,
  ReauthenticateOptions,
  SignInOptions,
  SignOutOptions,
} from './session/authentication.ts'
export type { BindingAction, BindingOptions, SessionInfo } from './session/binding.ts'
export type { Timeouts } from './session/lifecycle.ts'
export type { PendingUser } from './session/pending-user.ts'
export type { OidcSubject } from './session/record.ts'
export type { StandardSchema } from './session/schema.ts'
export type { Session } from './session/session.ts'
export type { PutOptions, SessionChallenge, TakenChallenge } from './session/session-challenge.ts'
export type { SessionJson } from './session/session-json.ts'
export type {
  CreateOptions,
  DeleteOptions,
  SessionStore,
  StoreCapabilities,
  StoreConsistency,
  StoredValue,
  UpdateOptions,
} from './store.ts'
