/** The picture: two units to a degree, without the ice at the bottom. */
export const WIDTH = 720
export const HEIGHT = 290
const NORTH = 84
const SCALE = 2

/** Equirectangular: a degree is as wide as it is high, everywhere. */
export function project(longitude: number, latitude: number): readonly [x: number, y: number] {
  return [(longitude + 180) * SCALE, Math.min(Math.max((NORTH - latitude) * SCALE, 0), HEIGHT)]
}

/** What `d` of a path takes. */
export function path(points: readonly number[]): string {
  const pairs: string[] = []
  for (let i = 0; i + 1 < points.length; i += 2) {
    pairs.push(project(points[i] ?? 0, points[i + 1] ?? 0).join(' '))
  }
  return `M${pairs.join('L')}Z`
}
