/**
 * For the tests of applications.
 *
 * @module
 */
export { type CookieJar, type CookieJarOptions, cookieJar, type Fetcher } from './cookie-jar.ts'
export { createTestSession, type TestSession, type TestSessionOptions } from './create-test-session.ts'
export { describeStore } from './describe-store.ts'
export { type FakeClock, fakeClock } from './fake-clock.ts'
export { type LaggingStoreOptions, laggingStore } from './lagging-store.ts'
export type { StoreSetup, StoreUnderTest } from './store-suite/store-test.ts'
export type { TestFramework } from './test-framework.ts'
