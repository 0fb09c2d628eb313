import { SessionError } from '../errors.ts'
import { Draft } from '../session/draft.ts'
import { isTouchDue, touchedRecord } from '../session/lifecycle.ts'
import type { OpenedSession } from '../session/opened.ts'
import { NO_DATA } from '../session/record.ts'
import { emptyData, fitToSchema, type SchemaOptions } from '../session/schema.ts'
import type { Arrival } from './arrival.ts'
import type { Loaded, SessionBackend } from './backend.ts'
import { type Closed, findSession } from './candidates.ts'
import { publicNames } from './report.ts'
import type { Settings } from './settings.ts'

/** What a request starts with: its draft, and the session as the backend has it. */
export interface Opening<Data extends object> {
  readonly draft: Draft<Data>
  readonly held: Loaded | undefined
  /** For a sign-out: ends what the session has moved on to. */
  readonly endMoved?: (() => Promise<void>) | undefined
}

/** The draft for a request: of the one live session its cookies name, or of an anonymous visitor. */
export async function openDraft<Data extends object>(
  settings: Settings<Data>,
  backend: SessionBackend,
  arrival: Arrival,
): Promise<Opening<Data>> {
  const { policy, clock, schema } = settings
  const found = arrival.header === '' ? undefined : await find(settings, backend, arrival)
  const [held, closed] = found && 'refusal' in found ? [undefined, found] : [found, undefined]
  const opened = held && prepare(settings, held, schema && (await fitted(settings, schema, held)))
  const emptyText = schema === undefined ? NO_DATA : JSON.stringify(await emptyData(schema.schema))
  const draft = new Draft({
    policy,
    clock,
    emptyText,
    opened,
    shared: backend.shared,
    refusal: closed?.refusal,
  })
  return { draft, held, endMoved: closed?.end }
}

/** @throws {SessionError} `ERR_SESSION_STORE`, unless `onStoreError` is `'anonymous'`. */
function find(
  settings: Settings<object>,
  backend: SessionBackend,
  arrival: Arrival,
): Promise<Loaded | Closed | undefined> {
  const found = findSession(settings, backend, arrival)
  return settings.onStoreError === 'anonymous' ? found.catch(refusedBy) : found
}

function refusedBy(error: unknown): Closed {
  if (error instanceof SessionError && error.code === 'ERR_SESSION_STORE') return { refusal: error }
  throw error
}

/** A live session as a handler is to see it; its data as the schema has it, where there is one. */
export function prepare<Data extends object>(
  { policy, clock }: Settings<Data>,
  { record: persisted, data, stale }: Loaded,
  fitted: FittedData<Data> = { data: data as Data, baseline: persisted.data, mended: false },
): OpenedSession<Data> {
  const record = isTouchDue(policy, persisted, clock())
    ? touchedRecord(policy, persisted, clock())
    : persisted
  const { data: own, baseline, mended } = fitted
  return { persisted, record, stale, data: own, baseline, mended }
}

type FittedData<Data> = Pick<OpenedSession<Data>, 'data' | 'baseline' | 'mended'>

/** Emptied data stays where it is until the handler writes, so a mended schema finds it. */
export async function fitted<Data extends object>(
  { emit }: Settings<Data>,
  schema: SchemaOptions<Data>,
  { record, data }: Loaded,
): Promise<FittedData<Data>> {
  const result = await fitToSchema(schema, data)
  const { outcome, issues } = result
  const nothingLost = outcome === 'fits' || (outcome === 'empty' && record.data === NO_DATA)
  if (!nothingLost) emit({ type: outcome, ...publicNames(record), issues })
  // A copy: schema libraries give the same default object to every session.
  const own = structuredClone(result.data)
  return { data: own, baseline: JSON.stringify(own), mended: outcome === 'migrate' }
}
