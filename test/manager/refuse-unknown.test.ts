import { expect, test } from 'vitest'
import { totpUri } from 'wafer-session/totp'

test.each<[options: unknown]>([[undefined], [null], ['issuer'], [7], [() => {}]])(
  'what wants options says so when it is given %s',
  (options) => {
    expect(() => totpUri(options as never)).toThrow(new TypeError('totpUri(options) wants options.'))
  },
)

test('what wants options names one that it does not know, and those that it does', () => {
  expect(() => totpUri({ isuer: 'x' } as never)).toThrow(
    /^totpUri\(options\) has no option isuer\. It knows .*issuer.*, .*\.$/,
  )
})
