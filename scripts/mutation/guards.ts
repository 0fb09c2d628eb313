import type { Edit } from '../../test/simulation/guards.ts'

/** A guard that the simulation does not take out: what it is for, the sources without it, and the tests that fail then. */
export interface NamedGuard {
  readonly sentence: string
  readonly edits: readonly Edit[]
  readonly tests: readonly string[]
}

export const NAMED_GUARDS: Readonly<Record<string, NamedGuard>> = {
  'sealed kid': {
    sentence: 'A sealed value that names no secret is tried with the first.',
    edits: [
      {
        file: 'src/crypto/seal.ts',
        find: 'const ringKey = keys.get(readUint32(sealed, 1))',
        replace: 'const ringKey = keys.get(readUint32(sealed, 1)) ?? firstOf(keys)',
      },
    ],
    tests: ['test/crypto/seal.test.ts'],
  },
  'id kid': {
    sentence: 'An id cookie that names no secret is tried with the first.',
    edits: [
      {
        file: 'src/crypto/session-token.ts',
        find: 'const ringKey = (await keyring.keys()).get(readUint32(bytes, KID))',
        replace:
          'const ringKey = (await keyring.keys()).get(readUint32(bytes, KID)) ?? (await keyring.keys()).values().next().value',
      },
    ],
    tests: ['test/crypto/session-token.test.ts'],
  },
  hour: {
    sentence: 'A sealed value may be of any hour.',
    edits: [
      {
        file: 'src/crypto/seal.ts',
        find: `if (hour < hours.oldest || hour > hours.newest) return 'hour-out-of-range'`,
        replace: '',
      },
    ],
    tests: ['test/crypto/seal.test.ts'],
  },
  aad: {
    sentence: 'Nothing is authenticated with the ciphertext: neither head nor store key.',
    edits: [
      {
        file: 'src/crypto/seal.ts',
        find: `return { name: 'AES-GCM', iv, additionalData: context.aad(sealed) }`,
        replace: `return { name: 'AES-GCM', iv, additionalData: context.aad(sealed).slice(0, 0) }`,
      },
    ],
    tests: ['test/crypto/session-token.test.ts'],
  },
  'store key': {
    sentence: 'The AAD of a record does not have its key in the store.',
    edits: [
      {
        file: 'src/crypto/keyring.ts',
        find: 'lengthPrefixed(purpose, cookieName, storeKey)',
        replace: `lengthPrefixed(purpose, cookieName, storeKey && '')`,
      },
    ],
    tests: ['test/crypto/session-token.test.ts'],
  },
  tag: {
    sentence: 'The tag of an id cookie is not compared.',
    edits: [
      {
        file: 'src/crypto/mac.ts',
        find: 'return difference === 0',
        replace: 'return difference >= 0 || a.length > 0',
      },
    ],
    tests: ['test/crypto/session-token.test.ts'],
  },
  'compare all': {
    sentence: 'Only the last byte counts when two are compared.',
    edits: [
      {
        file: 'src/crypto/mac.ts',
        find: 'difference |= (a[i] as number)',
        replace: 'difference = (a[i] as number)',
      },
    ],
    tests: ['test/crypto/session-token.test.ts'],
  },
  'compare lengths': {
    sentence: 'What is longer than what it is compared with is equal when it begins like it.',
    edits: [
      {
        file: 'src/crypto/mac.ts',
        find: 'let difference = a.length ^ b.length',
        replace: 'let difference = 0',
      },
    ],
    tests: ['test/crypto/equal-bytes.test.ts'],
  },
  'kept keys': {
    sentence: 'A key is kept before it has opened anything, so that forged values evict the others.',
    edits: [
      {
        file: 'src/crypto/seal.ts',
        find: '  let plaintext: ArrayBuffer\n',
        replace: '  keyring.keep(ringKey, context, hour, key, hours.current)\n  let plaintext: ArrayBuffer\n',
      },
    ],
    tests: ['test/crypto/keyring.test.ts', 'test/crypto/seal.test.ts'],
  },
  tombstone: {
    sentence: 'What ends leaves no tombstone: the record is deleted, and a late write cannot tell.',
    edits: [
      {
        file: 'src/manager/end-session.ts',
        find: 'if (bury && !(await shelf.bury(found))) return false',
        replace: 'if (bury && shelf === undefined) return false',
      },
    ],
    tests: ['test/manager/races.test.ts', 'test/manager/late-sign-out.test.ts'],
  },
  successor: {
    sentence: 'A tombstone does not say what a session has become.',
    edits: [
      {
        file: 'src/manager/shelf.ts',
        find: 'encodeTombstone({ endedAt, successor })',
        replace: 'encodeTombstone({ endedAt, successor: successor && undefined })',
      },
    ],
    tests: ['test/manager/races.test.ts', 'test/manager/late-sign-out.test.ts'],
  },
  candidates: {
    sentence: 'Any number of cookies of one name is looked at.',
    edits: [
      {
        file: 'src/cookie/chunk.ts',
        find: 'if (heads.length > MAX_CANDIDATES) return null',
        replace: '',
      },
    ],
    tests: ['test/cookie/parse.test.ts', 'test/cookie/chunk.test.ts'],
  },
}
