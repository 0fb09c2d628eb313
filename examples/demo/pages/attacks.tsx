import { Hono } from 'hono'
import { attacks as all } from '../attacks/all.ts'
import type { Attack } from '../attacks/attack.ts'
import { type AppFetch, Stage } from '../attacks/stage.ts'
import { AttackReport } from '../components/attack-report.tsx'
import { ConsoleNav } from '../components/console-nav.tsx'
import type { DemoEnv } from '../env.ts'
import { modeText } from '../mode-text.ts'
import { modeOf } from '../sessions.ts'

/** @param fetch Of the whole application: an attack takes the way of any other request. */
export function attacks(fetch: AppFetch) {
  const page = new Hono<DemoEnv>()

  page.get('/', (c) =>
    c.render(
      <section class="medium">
        <ConsoleNav c={c} />
        <h1>Attacks</h1>
        <Introduction kept={modeText[modeOf(c.env)].short} />
        <AttackList />
      </section>,
      { title: 'Attacks' },
    ),
  )

  page.post('/:id', async (c) => {
    const attack = all.find(({ id }) => id === c.req.param('id'))
    if (attack === undefined) return c.notFound()
    const stage = new Stage(c, fetch, modeOf(c.env))
    const conclusion = await attack.run(stage)
    return c.render(
      <section class="medium">
        <ConsoleNav c={c} />
        <h1>Attacks</h1>
        <AttackReport attack={attack} stage={stage} conclusion={conclusion} />
        <h2>Try another one</h2>
        <AttackList />
      </section>,
      { title: attack.title },
    )
  })

  return page
}

function Introduction({ kept }: { kept: string }) {
  return (
    <p class="lead">
      {`Each button sends real requests through this whole shop, where sessions are ${kept}. The victim is Hedy, who ` +
        'signs in for the purpose. Only two things are arranged: where the requests seem to come from, which no client ' +
        'can say itself, and waiting, for which the attack has a clock of its own.'}
    </p>
  )
}

function AttackList() {
  return (
    <ul class="attacks">
      {all.map((attack) => (
        <AttackCard key={attack.id} attack={attack} />
      ))}
    </ul>
  )
}

function AttackCard({ attack: { id, title, plan } }: { attack: Attack }) {
  return (
    <li class="card">
      <h3>{title}</h3>
      <p class="quiet">{plan}</p>
      <form method="post" action={`/console/attacks/${id}`}>
        <button type="submit" aria-label={`Attack: ${title}`}>
          Attack
        </button>
      </form>
    </li>
  )
}
