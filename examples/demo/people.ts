export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
}

/** Made up, and printed on the sign-in page. A real application keeps a slow hash instead, such as Argon2id. */
export const people: readonly (Person & { readonly password: string })[] = [
  { id: 'ada', name: 'Ada', email: 'ada@example.com', password: 'thin and crisp' },
  { id: 'grace', name: 'Grace', email: 'grace@example.com', password: 'layer by layer' },
]

/** Whom the simulated attacks of the console are made on; not on the sign-in page, so that nobody is in between. */
export const victim = { id: 'hedy', name: 'Hedy', email: 'hedy@example.com', password: 'hop and hop' }

const everyone = [...people, victim]

export function findPerson(id: string | undefined): Person | undefined {
  return everyone.find((person) => person.id === id)
}

/** The person, when the password is theirs. */
export function checkPassword(id: string, password: string): Person | undefined {
  const name = id.trim().toLowerCase()
  return everyone.find((person) => person.id === name && person.password === password)
}
