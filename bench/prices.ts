/**
 * Dollars for a million, beyond what is included, and for a gigabyte a month; November 2026.
 *
 * KV bills each key of a bulk read, deletes and lists like writes. Of Upstash it is pay as you go, where a script counts as
 * one command. A call to a Durable Object is a request, a write of its record a
 * row and its alarm another; the time it runs is left out, about a hundredth of the rest at a millisecond a call.
 *
 * @see https://developers.cloudflare.com/workers/platform/pricing/
 * @see https://developers.cloudflare.com/kv/platform/pricing/
 * @see https://developers.cloudflare.com/durable-objects/platform/pricing/
 * @see https://upstash.com/pricing/redis
 */
export const PRICES = {
  worker: { request: 0.3 },
  kv: { read: 0.5, write: 5, gigabyte: 0.5 },
  durableObject: { request: 0.15, rowRead: 0.001, rowWritten: 1, gigabyte: 0.2 },
  upstash: { command: 2 },
} as const
