/**
 * For the tests of applications.
 *
 * @module
 */
export { type CookieJar, type CookieJarOptions, cookieJar, type Fetcher } from './cookie-jar.ts'
export { createTestSession, type TestSession, type TestSessionOptions } from './create-test-session.ts'
export { type FakeClock, fakeClock } from './fake-clock.ts'
