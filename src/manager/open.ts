import { joinChunks } from '../cookie/chunk.ts'
import { Draft, type OpenedSession } from '../session/draft.ts'
import { isTouchDue, resume, touchedRecord } from '../session/lifecycle.ts'
import { NO_DATA } from '../session/record.ts'
import { emptyData, fitToSchema } from '../session/schema.ts'
import type { Loaded, SessionBackend } from './backend.ts'
import { publicId, publicNames } from './report.ts'
import type { Settings } from './settings.ts'

/** The draft for a request: of the one live session its cookies name, or of an anonymous visitor. */
export async function openDraft<Data extends object>(
  settings: Settings<Data>,
  backend: SessionBackend,
  header: string,
): Promise<Draft<Data>> {
  const { policy, clock, schema } = settings
  const live = header === '' ? undefined : await findLive(settings, backend, header)
  const opened = live && (await prepare(settings, live))
  const emptyText = schema === undefined ? NO_DATA : JSON.stringify(await emptyData(schema.schema))
  return new Draft({ policy, clock, emptyText, opened })
}

/** The live session among the cookies of our name, whatever their order; undefined when there is none, or no telling. */
async function findLive(
  settings: Settings<object>,
  backend: SessionBackend,
  header: string,
): Promise<Loaded | undefined> {
  const values = joinChunks(header, settings.cookie.name, settings.maxChunks)
  if (values === null) {
    settings.emit({ type: 'reject', reason: 'too-many' })
    return undefined
  }
  // Sorted, so that of two copies seen at the same time it is always the same one.
  const all = await Promise.all(values.sort().map((value) => loadLive(settings, backend, value)))
  const live = all.filter((loaded) => loaded !== undefined)
  if (new Set(live.map((loaded) => publicId(loaded.record))).size > 1) {
    settings.emit({ type: 'reject', reason: 'ambiguous' })
    return undefined
  }
  return live.sort((a, b) => b.record.lastSeenAt - a.record.lastSeenAt)[0]
}

async function loadLive(settings: Settings<object>, backend: SessionBackend, value: string) {
  const now = settings.clock()
  const loaded = await backend.load(value, now)
  if (typeof loaded === 'string') {
    settings.emit({ type: 'reject', reason: loaded })
    return undefined
  }
  const record = resume(settings.policy, loaded.record, now)
  if (typeof record === 'string') {
    settings.emit({ type: 'reject', reason: record, ...publicNames(loaded.record) })
    return undefined
  }
  return { ...loaded, record }
}

async function prepare<Data extends object>(
  settings: Settings<Data>,
  loaded: Loaded,
): Promise<OpenedSession<Data>> {
  const { policy, clock } = settings
  const { record: persisted, stale } = loaded
  const record = isTouchDue(policy, persisted, clock())
    ? touchedRecord(policy, persisted, clock())
    : persisted
  return { persisted, record, stale, ...(await fitted(settings, loaded)) }
}

/** The data as the schema has it. Emptied data stays in the cookie until the handler writes, so a mended schema finds it. */
async function fitted<Data extends object>(
  { schema, emit }: Settings<Data>,
  { record, data }: Loaded,
): Promise<{ data: Data; baseline: string | null }> {
  if (schema === undefined) return { data: data as Data, baseline: record.data }
  const result = await fitToSchema(schema, data)
  const { outcome, issues } = result
  const nothingLost = outcome === 'fits' || (outcome === 'empty' && record.data === NO_DATA)
  if (!nothingLost) emit({ type: outcome, ...publicNames(record), issues })
  // A copy: schema libraries give the same default object to every session.
  const own = structuredClone(result.data)
  return { data: own, baseline: outcome === 'migrate' ? null : JSON.stringify(own) }
}
