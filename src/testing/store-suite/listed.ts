import { sameMembers } from './check.ts'
import { LONG, type StoreTest } from './store-test.ts'

/** What `list` gives of a tag, once it has to. Where there is no index, a test still shows that tags do no harm. */
export async function listed(
  t: StoreTest,
  tag: string,
  expected: readonly string[],
  what = 'list()',
): Promise<void> {
  const { index } = t.store.capabilities
  // Without a clock to advance, a client is taken to see its own writes.
  if (typeof index === 'object' && t.exact && index.staleFor < LONG / 10) await t.until(t.in(index.staleFor))
  if (t.store.list) sameMembers(await t.store.list(tag), expected, what)
}
