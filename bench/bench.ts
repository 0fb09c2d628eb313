/** Prints the figures that the README quotes: `subtle` calls, cookie bytes, bundle bytes, time per request. */
import { bundleSizes } from './bundle-sizes.ts'
import { cookieBytes } from './cookie-bytes.ts'
import { requestTimes } from './request-times.ts'
import { storeTraffic } from './store-traffic.ts'
import { subtleCalls } from './subtle-calls.ts'

const tables = {
  'crypto.subtle calls per request': await subtleCalls(),
  'Store calls': await storeTraffic(),
  'Cookie, bytes of name=value': await cookieBytes(),
  'Bundle, bytes minified and gzipped (hono external)': await bundleSizes(),
  'Microseconds per request over the same app without a session (Node, one at a time)': await requestTimes(),
}

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(tables, null, 2))
} else {
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\n${title}`)
    for (const [name, { value, reach }] of Object.entries(rows)) {
      console.log(`  ${name.padEnd(56)} ${String(value).padStart(8)}   ${reach}`)
    }
  }
}
