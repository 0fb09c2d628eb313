import { Driver } from './world/drive.ts'
import { type Setting, settingOf } from './world/setting.ts'
import { type Violation, World } from './world/world.ts'

/** What came of a seed. */
export interface Played {
  readonly setting: Setting
  readonly violations: readonly Violation[]
  readonly counts: Readonly<Record<string, number>>
  readonly trace: readonly string[]
}

/** Plays one seed from its beginning to its end. */
export async function play(seed: number, change: Partial<Setting> = {}, isTraced = false): Promise<Played> {
  const setting = { ...settingOf(seed), ...change }
  const world = new World(setting, isTraced)
  await new Driver(world).play()
  world.count('steps', world.step)
  world.count(`mode ${setting.mode}`)
  world.count(`theme ${setting.theme}`)
  return {
    setting,
    violations: world.violations,
    counts: Object.fromEntries(world.counts),
    trace: world.trace,
  }
}
