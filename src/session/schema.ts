/** The part of Standard Schema 1 (valibot, zod, arktype…) that is used. */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Data after the schema: as it is, mended by `migrate`, or emptied. */
export interface Fitted<Data> {
  readonly outcome: 'fits' | 'migrate' | 'empty'
  readonly data: Data
  readonly issues: readonly string[]
}

export interface SchemaOptions<Data> {
  readonly schema: StandardSchema<Data>
  readonly migrate?: ((data: unknown) => unknown) | undefined
}

/** JSON text of a session that nobody wrote to. */
export const NO_DATA = '{}'

/** Passes opened data through the schema; what does not fit goes through `migrate` and the schema once more. */
export async function fitToSchema<Data extends object>(
  options: SchemaOptions<Data>,
  data: object,
): Promise<Fitted<Data>> {
  const first = await validate(options.schema, data)
  if (first.issues === undefined) return { outcome: 'fits', data: first.value, issues: [] }
  const issues = first.issues.map(describeIssue)
  if (options.migrate === undefined)
    return { outcome: 'empty', data: await emptyData(options.schema), issues }
  const second = await migrated(options, data)
  if (second.issues === undefined) return { outcome: 'migrate', data: second.value, issues }
  return { outcome: 'empty', data: await emptyData(options.schema), issues: second.issues.map(describeIssue) }
}

/** What a new session starts with: the schema's defaults, or nothing where it has required keys. */
export async function emptyData<Data extends object>(schema: StandardSchema<Data>): Promise<Data> {
  const result = await validate(schema, {})
  return result.issues === undefined ? result.value : ({} as Data)
}

/**
 * Refuses data that would not open again, or not whole.
 *
 * @throws {TypeError} With what the schema complains of, or the path of what it leaves out.
 */
export async function assertFits(schema: StandardSchema<object>, data: object): Promise<void> {
  const result = await validate(schema, data)
  if (result.issues !== undefined) {
    const issues = result.issues.map(describeIssue).join('; ')
    throw new TypeError(`session.data does not fit its schema: ${issues}`)
  }
  const path = leftOut(data, result.value)
  if (path !== null)
    throw new TypeError(`session.data${path} is not in its schema, which would leave it out.`)
}

/** A schema may throw, as a transform does on data it did not expect: that is data that does not fit. */
async function validate<Data>(schema: StandardSchema<Data>, value: unknown): Promise<SchemaResult<Data>> {
  try {
    return await schema['~standard'].validate(value)
  } catch (error) {
    return { issues: [{ message: `the schema threw: ${String(error)}` }] }
  }
}

async function migrated<Data>(
  { schema, migrate }: SchemaOptions<Data>,
  data: object,
): Promise<SchemaResult<Data>> {
  try {
    return await validate(schema, await migrate?.(data))
  } catch (error) {
    return { issues: [{ message: `migrate threw: ${String(error)}` }] }
  }
}

/** The path of the first key that is in the data and not in what the schema made of it. */
function leftOut(data: unknown, value: unknown): string | null {
  if (!isObject(data) || !isObject(value)) return null
  for (const [key, child] of Object.entries(data)) {
    const found = key in value ? leftOut(child, (value as Record<string, unknown>)[key]) : ''
    if (found !== null) return `.${key}${found}`
  }
  return null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function describeIssue({ path = [], message }: SchemaIssue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part))
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`
}
