import type { SessionStore, StoredValue } from 'wafer-session'
import type { Random } from '../runtime/random.ts'
import type { Gate } from './gate.ts'

/** A store whose every call waits at the gate. */
export function gatedStore(store: SessionStore, gate: Gate, random: Random): SessionStore {
  const garbage = (answer: unknown) => spoiled(answer, random)
  const read = { isWrite: false, garbage }
  const write = { isWrite: true, garbage }
  const { getMany, list } = store
  return {
    capabilities: store.capabilities,
    get: (key) => gate.pass({ method: 'get', key, ...read }, () => store.get(key)),
    ...(getMany && {
      getMany: (keys) => gate.pass({ method: 'getMany', key: keys.join(), ...read }, () => getMany(keys)),
    }),
    create: (key, value, options) =>
      gate.pass({ method: 'create', key, ...write }, () => store.create(key, value, options)),
    update: (key, value, options) =>
      gate.pass({ method: 'update', key, ...write }, () => store.update(key, value, options)),
    delete: (key, options) =>
      gate.pass({ method: 'delete', key, ...write }, () => store.delete(key, options)),
    ...(list && { list: (tag) => gate.pass({ method: 'list', key: tag, ...read }, () => list(tag)) }),
  }
}

/**
 * What a broken client or a broken store may give instead of an answer. Of a write nothing is spoiled: `null` and a
 * version are all that it can say, and either would be a lie that no compare-and-set can be built on.
 */
function spoiled(answer: unknown, random: Random): unknown {
  if (Array.isArray(answer)) {
    return random.chance(300) ? answer.slice(1) : answer.map((one) => spoiled(one, random))
  }
  if (typeof answer !== 'object' || answer === null) return answer
  const { value, version } = answer as StoredValue
  // A mark is a number, and a part of a number is another number: that would be another mark, not garbage.
  const shorter = /^\d+$/.test(value) ? `${value}?` : value.slice(0, random.below(value.length))
  const flipped = `${value.slice(0, -5)}-_-_${value.slice(-1)}`
  return random.pick([
    { value: shorter, version },
    { value: flipped, version },
    { value: JSON.stringify(value), version },
    { value: { parsed: true }, version },
    { value: 17, version },
    { value, version: 17 },
    { value },
    { version },
    {},
    'garbage',
    42,
  ])
}
