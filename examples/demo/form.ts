import { validator } from 'hono/validator'

/** The named fields of a form, empty when missing. Hono answers a body that is no form with 400. */
export function form<Name extends string>(...names: readonly Name[]) {
  return validator('form', (body) => {
    const fields = names.map((name) => [name, typeof body[name] === 'string' ? body[name] : ''])
    return Object.fromEntries(fields) as Record<Name, string>
  })
}
