const ON_WORKERD = 'runs in workerd, where nothing measures: '

/** Why no test on Node runs it: of a whole file, or of a line as it stands in the file. */
export const justified: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  'src/encoding.ts': {
    "return (bytes as unknown as NativeBase64).toBase64({ alphabet: 'base64url', omitPadding: true })":
      'Node 24 has no `toBase64`; the same tests run it on workerd, Deno and Bun.',
  },
  'src/jwt/generate-signing-key.ts': {
    'throw new TypeError(`The Web Crypto of this runtime has no ${alg}.`, { cause })':
      'Node has every algorithm; the same test runs it where ML-DSA is missing.',
  },
  'src/remote/remote-document.ts': {
    'throw this.#outage()': 'Workers only, where a request must not wait for the fetch of another.',
  },
  'src/stores/cloudflare-kv.ts': `${ON_WORKERD}test/stores/cloudflare-kv.workerd.test.ts.`,
  'src/stores/durable-object.ts': `${ON_WORKERD}test/stores/durable-object.workerd.test.ts.`,
  'src/stores/kv-names.ts': `${ON_WORKERD}test/stores/cloudflare-kv.workerd.test.ts.`,
  'src/stores/kv-record.ts': `${ON_WORKERD}test/stores/cloudflare-kv.workerd.test.ts.`,
  'src/stores/redis.ts': {
    'return (command, script, keys, args) => client.send(command, [script, ...counted(keys), ...args])':
      'Bun’s own client: test/stores/redis-runtimes.node.test.ts runs it on Bun.',
  },
  'src/stores/session-object.ts': `${ON_WORKERD}test/stores/durable-object.workerd.test.ts.`,
  'src/testing/test-framework.ts': {
    'cause = error':
      'Runs where a framework is installed and not running: test/testing/frameworks.node.test.ts, in processes of their own.',
    'throw new TypeError(`No ${symbol}() is running: pass { describe, test } of your test framework.`, { cause })':
      'The same.',
  },
}
