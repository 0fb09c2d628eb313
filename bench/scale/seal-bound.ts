import { rounded, type Table } from '../table.ts'

const HOUR = 3600
const YEAR_HOURS = 8760

/** NIST SP 800-38D §8.3: so many random IVs of 96 bits under one key, at most. */
export const MAX_SEALS: number = 2 ** 32

/** What a second may bring before the key of an hour has sealed as much as it may. */
export const MAX_SEALS_PER_SECOND: number = Math.floor(MAX_SEALS / HOUR)

/** @param rates Seals a second under one secret, cookie name and purpose, by what brings them. */
export function sealBound(rates: Readonly<Record<string, number>>): Table {
  return {
    title: 'Seals under one key, and the chance that two of them have the same IV',
    columns: [
      '',
      'seals/s',
      'in an hour',
      'of 2^32',
      'an hour',
      'a year',
      'a year, one key',
      '2^32 with one key',
    ],
    rows: Object.entries(rates).map(([title, perSecond]) => {
      const hourly = perSecond * HOUR
      return [
        title,
        Math.round(perSecond).toLocaleString('en'),
        hourly.toExponential(1),
        `${rounded((hourly / MAX_SEALS) * 100)} %`,
        power(chance(hourly)),
        power(chance(hourly) * YEAR_HOURS),
        power(chance(hourly * YEAR_HOURS)),
        duration(MAX_SEALS / perSecond),
      ]
    }),
    notes: ['The chance that SP 800-38D allows a key is 2^-32.'],
  }
}

/** Pairs of seals, each of which meets with a chance of 2^-96. */
function chance(seals: number): number {
  return (seals / 2 ** 48) ** 2 / 2
}

function power(value: number): string {
  return `2^${Math.round(Math.log2(value))}`
}

function duration(seconds: number): string {
  if (seconds < 2 * 86_400) return `${(seconds / HOUR).toPrecision(2)} h`
  return `${(seconds / 86_400).toPrecision(2)} days`
}
