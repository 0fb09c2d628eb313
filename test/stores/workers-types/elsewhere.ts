import { type KVBinding, kvStore } from 'wafer-session/stores/cloudflare-kv'
import { durableObjectStore, SessionObject } from 'wafer-session/stores/durable-object'

// The published types stand alone: this is checked without Cloudflare's, declarations included.

declare const kv: KVBinding
declare const namespace: Parameters<typeof durableObjectStore>[0]

export const stores = [kvStore(kv), durableObjectStore(namespace)]
export const object: SessionObject = new SessionObject({} as never, {})
