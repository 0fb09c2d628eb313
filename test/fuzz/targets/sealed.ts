import { createSessionManager, type SessionManager } from 'wafer-session'
import { fromBase64url } from '../../support/wafer1.ts'
import { exercise } from '../exercise.ts'
import { type FuzzTarget, type Mutator, must } from '../fuzz-target.ts'
import { headerValue } from '../header-value.ts'
import { mutateBytes, mutateJson, mutateText } from '../mutate.ts'
import {
  binary,
  flipped,
  fromBinary,
  idCookie,
  NAME,
  NOW,
  OLDER,
  SECRET,
  STRANGER,
  sealer,
  textOf,
} from '../sealer.ts'
import { OUT_OF_TIME, SESSION_WORDS, SESSIONS } from '../session-seeds.ts'

const OPTIONS = {
  secret: [SECRET, OLDER],
  clock: () => NOW,
  remember: { idleTimeout: 86_400, absoluteTimeout: 2_592_000 },
  maxChunks: 4,
}

function requestOf(header: string): Request {
  return new Request('https://example.test/', { headers: { Cookie: headerValue(header) } })
}

/** What came of a Cookie header: `opened`, or why not. */
async function opening(header: string, issued: ReadonlySet<string> | null, change = false): Promise<string> {
  let outcome = 'no cookie'
  const manager: SessionManager = createSessionManager({
    ...OPTIONS,
    onEvent: (event) => {
      if (event.type === 'reject') outcome = event.reason
    },
  })
  const session = await manager.open(requestOf(header))
  if (!session.isNew) {
    const content = JSON.stringify([session.id, session.userId, session.data])
    must(issued === null || issued.has(content), `opened what nobody issued: ${content}`)
    outcome = 'opened'
  }
  await exercise(manager, session, change)
  return outcome
}

async function issuedBy(values: readonly string[]): Promise<Set<string>> {
  const contents = values.map(async (value) => {
    const session = await createSessionManager(OPTIONS).open(requestOf(`${NAME}=${value}`))
    return JSON.stringify([session.id, session.userId, session.data])
  })
  return new Set(await Promise.all(contents))
}

const WORDS = [
  NAME,
  `${NAME}=`,
  `; ${NAME}=`,
  `${NAME}.1=`,
  '2.',
  '4.',
  '; ',
  ';',
  ' ',
  '\t',
  '=',
  'AQ',
  'Ag',
]

/** The Cookie header, the sealed value in it, and what is in the seal. */
export async function sealedTargets(): Promise<FuzzTarget[]> {
  const seals = [await sealer('session'), await sealer('session', '', OLDER)]
  const values = await Promise.all(SESSIONS.flatMap((content) => seals.map(({ seal }) => seal(content))))
  const elsewhere = await Promise.all([
    (await sealer('record')).seal(SESSIONS[1] as Uint8Array),
    (await sealer('session', '', STRANGER)).seal(SESSIONS[1] as Uint8Array),
    (await sealer('session', '', SECRET, 400_000)).seal(SESSIONS[1] as Uint8Array),
    idCookie().then(({ value }) => value),
  ])
  const issued = await issuedBy(values)
  const [first = '', second = ''] = values
  const long = await seals[0]?.seal(longSession())
  const chunked = `${NAME}=2.${long?.slice(0, 4000)}; ${NAME}.1=${long?.slice(4000)}`
  const longIssued = new Set([...issued, ...(await contentOf(chunked))])
  return [
    {
      name: 'Cookie header',
      seeds: [
        `${NAME}=${first}`,
        `a=1; ${NAME}=${second}; b="2"`,
        `${NAME}=${first}; ${NAME}=${second}`,
        chunked,
        ...values.map((value) => `${NAME}=${value}`),
        'a=1',
        `${NAME}=${first}; `.repeat(5),
        `${NAME}=%`,
        ...[0, 1, -1].map((at) => `${NAME}=${flipped(first, at)}`),
      ],
      words: [...WORDS, first, second],
      mutate: mutateText,
      outcomes: ['opened', 'no cookie', 'too-many', 'malformed', 'forged', 'unknown-version', 'unknown-key'],
      share: 2,
      read: (input) => opening(input, longIssued),
    },
    {
      name: 'sealed value',
      seeds: [...values, ...elsewhere, 'AQ'].map((value) => binary(fromBase64url(value))),
      words: ['\u0001', '\u0002', '\u0000\u0000\u0000', '\u00ff\u00ff\u00ff'],
      mutate: mutateBytes,
      outcomes: ['opened', 'malformed', 'unknown-version', 'unknown-key', 'hour-out-of-range', 'forged'],
      read: (input) => opening(`${NAME}=${textOf(fromBinary(input))}`, issued),
    },
    {
      name: 'content of a seal',
      seeds: [...[...SESSIONS, ...OUT_OF_TIME].map(binary), '\n{}'],
      words: SESSION_WORDS,
      mutate: mutateContent,
      outcomes: ['opened', 'undecodable', 'issued-in-future', 'absolute-timeout', 'idle-timeout'],
      async read(input) {
        const value = await seals[0]?.seal(fromBinary(input))
        return opening(`${NAME}=${value}`, null, true)
      },
    },
  ]
}

async function contentOf(header: string): Promise<string[]> {
  const session = await createSessionManager(OPTIONS).open(requestOf(header))
  must(!session.isNew, 'the seed in several cookies does not open')
  return [JSON.stringify([session.id, session.userId, session.data])]
}

function longSession(): Uint8Array {
  const [anonymous = new Uint8Array()] = SESSIONS
  const text = `\n${JSON.stringify({ long: 'x'.repeat(4000) })}`
  return Uint8Array.from([...anonymous.subarray(0, 38), ...new TextEncoder().encode(text)])
}

/** Head, `meta` and `data`: one of them as what it is, or any byte. */
export const mutateContent: Mutator = (input, random, words, other) => {
  const [head, text] = [input.slice(0, 38), input.slice(38)]
  const lineFeed = text.indexOf('\n')
  if (random.oneIn(3) || lineFeed === -1) return mutateBytes(input, random, words, other)
  const [meta, data] = [text.slice(0, lineFeed), text.slice(lineFeed + 1)]
  if (random.oneIn(3)) return mutateBytes(head, random, words, other.slice(0, 38)) + text
  if (random.oneIn(3)) return `${head}${meta}\n${mutated(data)}`
  return `${head}${mutated(meta || '[]')}\n${data}`

  function mutated(json: string): string {
    const inner = new TextDecoder().decode(fromBinary(json))
    const foreign = other.slice(38).split('\n')[0] || '[]'
    const changed = mutateJson(inner, random, words, new TextDecoder().decode(fromBinary(foreign)))
    return binary(new TextEncoder().encode(changed.slice(0, 4096)))
  }
}
