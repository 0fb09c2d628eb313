import { stepTo } from './json.ts'

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

/** Passes opened data through the schema; what does not fit goes through `migrate` and the schema once more. */
export async function fitToSchema<Data extends object>(
  options: SchemaOptions<Data>,
  data: object,
): Promise<Fitted<Data>> {
  const { schema, migrate } = options
  const first = await validate(schema, data)
  if (first.issues === undefined) return { outcome: 'fits', data: first.value, issues: [] }
  const issues = first.issues.map(describeIssue)
  if (migrate !== undefined) {
    const second = await migrated(schema, migrate, data)
    if (second.issues === undefined) return { outcome: 'migrate', data: second.value, issues }
    issues.push(...second.issues.map(describeIssue))
  }
  return { outcome: 'empty', data: await emptyData(schema), issues }
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
  const lost = Object.keys(data).find((key) => !Object.hasOwn(result.value, key))
  if (lost !== undefined) {
    throw new TypeError(`session.data${stepTo(lost)} is not in its schema, which would leave it out.`)
  }
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
  schema: StandardSchema<Data>,
  migrate: (data: unknown) => unknown,
  data: object,
): Promise<SchemaResult<Data>> {
  try {
    return await validate(schema, await migrate(data))
  } catch (error) {
    return { issues: [{ message: `migrate threw: ${String(error)}` }] }
  }
}

function describeIssue({ path = [], message }: SchemaIssue): string {
  const steps = path.map((part) => stepTo(String(typeof part === 'object' ? part.key : part)))
  return `data${steps.join('')}: ${message}`
}
