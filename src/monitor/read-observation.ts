import { addressPrefix } from '../session/address.ts'
import { describeDevice } from '../session/device.ts'
import type { Observation, Sighting } from './observation.ts'

const HOUR = 3_600_000
const MAX_ID = 256
const MAX_TEXT = 64

/** No clock shows more (ECMAScript, Time Values). */
const MAX_TIME = 8.64e15

/** Never throws, whatever it is given. */
export function readObservation(given: Observation, now: number): Sighting {
  const at = timeOf(given?.at) ?? now
  const { latitude, longitude } = coordinates(given?.latitude, given?.longitude)
  const agent = typeof given?.userAgent === 'string' ? given.userAgent.slice(0, 512) : ''
  const prefix = prefixOf(given?.address)
  return {
    at,
    userId: idOf(given?.userId),
    sessionId: idOf(given?.sessionId),
    startedAt: timeOf(given?.sessionStartedAt),
    kind: given?.kind === 'sign-in' ? 'sign-in' : 'request',
    country: countryOf(given?.country),
    city: textOf(given?.city),
    place: placeOf(latitude, longitude) ?? textOf(given?.timezone),
    network: networkOf(given?.asn) ?? textOf(given?.network),
    address: prefix && tagOf(prefix),
    isIpv6: prefix?.length === 48,
    device: textOf(given?.device) ?? describeDevice(agent),
    version: versionOf(agent),
    latitude,
    longitude,
    hour: Math.floor(at / HOUR) % 24,
  }
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= MAX_TIME ? value : undefined
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_ID) : undefined
}

/** What is left of it may stand in a page or a log. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.slice(0, MAX_TEXT).replaceAll(/[^\p{L}\p{M}\p{N} .,:/+_-]/gu, '')
  return text.trim() || undefined
}

/** `XX` is Cloudflare's word for unknown, `T1` the one for Tor. */
function countryOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[A-Z][A-Z\d]$/i.test(value)) return undefined
  const country = value.toUpperCase()
  return country === 'XX' ? undefined : country
}

function networkOf(value: unknown): string | undefined {
  const asn = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  return typeof asn === 'number' && Number.isInteger(asn) && asn > 0 && asn < 2 ** 32 ? `AS${asn}` : undefined
}

/** Both or neither. Where both are 0, a geolocator did not know. */
function coordinates(latitude: unknown, longitude: unknown): Pick<Sighting, 'latitude' | 'longitude'> {
  const [lat, lon] = [degrees(latitude, 90), degrees(longitude, 180)]
  const isKnown = lat !== undefined && lon !== undefined && (lat !== 0 || lon !== 0)
  return isKnown ? { latitude: lat, longitude: lon } : { latitude: undefined, longitude: undefined }
}

function degrees(value: unknown, max: number): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,3}(?:\.\d{1,20})?$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !(Math.abs(number) <= max)) return undefined
  return Math.round(number * 10) / 10
}

/** At a pole all longitudes meet, and 180 degrees are the same east and west. */
function placeOf(latitude: number | undefined, longitude: number | undefined): string | undefined {
  if (latitude === undefined || longitude === undefined) return undefined
  const lat = Math.round(latitude)
  const lon = Math.abs(lat) === 90 ? 0 : Math.round(longitude)
  return `${lat},${lon === -180 ? 180 : lon}`
}

function prefixOf(address: unknown): string | undefined {
  if (typeof address !== 'string' || address.length > MAX_TEXT) return undefined
  const prefix = addressPrefix(address)
  return prefix !== address && (prefix.length === 24 || prefix.length === 48) ? prefix : undefined
}

/** FNV-1a, folded to 16 bits: too few to find the prefix again, enough to tell a user's few ones apart. */
function tagOf(prefix: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < prefix.length; i++) hash = Math.imul(hash ^ prefix.charCodeAt(i), 0x01000193)
  return ((hash ^ (hash >>> 16)) & 0xffff).toString(36)
}

function versionOf(agent: string): number | undefined {
  const found =
    /\b(?:Edge?|EdgA|EdgiOS|OPR|SamsungBrowser|Firefox|FxiOS|CriOS|\w*Chrome|Version)\/(\d{1,4})/.exec(agent)
  return found ? Number(found[1]) : undefined
}
