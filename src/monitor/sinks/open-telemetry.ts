import type { LogEntry } from '../log-entry.ts'
import type { Sink } from '../sink.ts'

type Attributes = Record<string, string | number | string[]>

/** The parts of `@opentelemetry/api`, and of `@opentelemetry/api-logs`, that are used; each may be left out. */
export interface OpenTelemetry {
  readonly trace?: {
    getActiveSpan(): { addEvent(name: string, attributes?: Attributes): unknown } | undefined
  }
  readonly metrics?: { getMeter(name: string): OpenTelemetryMeter }
  readonly logs?: { getLogger(name: string): { emit(record: OpenTelemetryLogRecord): void } }
}

export interface OpenTelemetryMeter {
  createCounter(
    name: string,
    options: InstrumentOptions,
  ): { add(value: number, attributes?: Attributes): void }
  createHistogram(
    name: string,
    options: InstrumentOptions,
  ): { record(value: number, attributes?: Attributes): void }
}

interface InstrumentOptions {
  readonly description: string
  readonly unit: string
}

export interface OpenTelemetryLogRecord {
  readonly timestamp: number
  readonly severityNumber: number
  readonly severityText: string
  readonly eventName: string
  readonly attributes: Attributes
}

const SCOPE = 'wafer-session'
const INFO = { severityNumber: 9, severityText: 'INFO' }
const WARN = { severityNumber: 13, severityText: 'WARN' }

/** What the semantic conventions have a name for; the rest is ours. */
const EVENT_NAMES: Readonly<Partial<Record<LogEntry['type'], string>>> = {
  create: 'session.start',
  end: 'session.end',
}

const ATTRIBUTES = {
  sessionId: 'session.id',
  previousId: 'session.previous_id',
  userId: 'user.id',
  address: 'client.address',
  country: 'geo.country.iso_code',
  city: 'geo.locality.name',
  reason: 'wafer_session.reason',
  network: 'wafer_session.network',
  device: 'wafer_session.device',
  risk: 'wafer_session.risk',
  action: 'wafer_session.action',
  signals: 'wafer_session.signals',
  operation: 'wafer_session.operation',
} as const

/**
 * Events on the active span, a counter and a histogram, and log records, by the names of the semantic conventions where
 * they have one (Session, General identity, Geo): `openTelemetrySink({ trace, metrics, logs })`.
 */
export function openTelemetrySink({ trace, metrics, logs }: OpenTelemetry): Sink {
  const meter = metrics?.getMeter(SCOPE)
  const logger = logs?.getLogger(SCOPE)
  const events = meter?.createCounter('wafer_session.events', {
    description: 'What happened to sessions',
    unit: '{event}',
  })
  const risks = meter?.createHistogram('wafer_session.risk', {
    description: 'The risk of requests that something was found about',
    unit: '1',
  })
  return {
    write(entry) {
      const attributes = attributesOf(entry)
      const eventName = EVENT_NAMES[entry.type] ?? `wafer_session.${entry.type}`
      trace?.getActiveSpan()?.addEvent(eventName, attributes)
      events?.add(1, dimensionsOf(entry))
      if (entry.risk !== undefined)
        risks?.record(entry.risk, { 'wafer_session.action': entry.action ?? 'report' })
      logger?.emit({ timestamp: entry.at, ...severityOf(entry), eventName, attributes })
    },
  }
}

function attributesOf(entry: LogEntry): Attributes {
  const attributes: Attributes = { 'wafer_session.cookie': entry.cookie }
  for (const [field, name] of Object.entries(ATTRIBUTES)) {
    const value = entry[field as keyof typeof ATTRIBUTES]
    if (value !== undefined) attributes[name] = typeof value === 'object' ? [...value] : value
  }
  return attributes
}

/** Nothing of which there are many: each combination is a time series. */
function dimensionsOf({ type, reason, action, cookie }: LogEntry): Attributes {
  return {
    'wafer_session.event': type,
    'wafer_session.cookie': cookie,
    ...(reason !== undefined && { 'wafer_session.reason': reason }),
    ...(action !== undefined && { 'wafer_session.action': action }),
  }
}

function severityOf({ type }: LogEntry): typeof INFO {
  return ['reject', 'risk', 'binding', 'store-error', 'discard', 'empty'].includes(type) ? WARN : INFO
}
