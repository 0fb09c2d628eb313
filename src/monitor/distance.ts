/** Degrees. */
export interface Point {
  readonly latitude: number | undefined
  readonly longitude: number | undefined
}

/** Kilometres: the mean radius (IUGG). */
const EARTH = 6371

/** Kilometres along the great circle, by the haversine formula; undefined when a point is not known. */
export function distance(a: Point, b: Point): number | undefined {
  if (a.latitude === undefined || a.longitude === undefined) return undefined
  if (b.latitude === undefined || b.longitude === undefined) return undefined
  const [north, east] = [radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)]
  const slope = Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude))
  const chord = Math.sin(north / 2) ** 2 + slope * Math.sin(east / 2) ** 2
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(chord)))
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}
