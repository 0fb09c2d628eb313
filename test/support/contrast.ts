import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

/** Runs in the page, where the types of these tests do not hold. */
const SCRIPT = readFileSync(new URL('./faint-texts.js', import.meta.url), 'utf8')

/** Texts on the page whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3), each with its ratio. */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(SCRIPT)
}
