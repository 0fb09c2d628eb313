import type { Attack } from '../attacks/attack.ts'
import type { Stage, Step } from '../attacks/stage.ts'
import { duration } from '../duration.ts'
import { EventLine } from './event-line.tsx'
import { RiskParts } from './risk-parts.tsx'

interface ReportProps {
  attack: Attack
  stage: Stage
  conclusion: string
}

/** What somebody tried, what came of each try, and which events told of it. */
export function AttackReport({ attack, stage, conclusion }: ReportProps) {
  const riskiest = stage.assessments.toSorted((a, b) => b.risk - a.risk)[0]
  return (
    <section aria-labelledby="report" class="report">
      <h2 id="report">{`What came of it: ${attack.title.toLowerCase()}`}</h2>
      <p class="card conclusion">{conclusion}</p>
      <ol class="steps card">
        {stage.steps.map((step, i) => (
          <StepLine key={i} step={step} />
        ))}
      </ol>
      {riskiest && riskiest.action !== 'allow' && <RiskParts assessment={riskiest} />}
    </section>
  )
}

function StepLine({ step: { who, did, answer, verdict, after, events } }: { step: Step }) {
  const kind = who === 'Hedy' ? 'own' : verdict?.replace(' ', '-')
  return (
    <li>
      <p>
        {after > 0 && <span class="badge">{`${duration(after)} later`}</span>} <strong>{who}</strong> {did}
      </p>
      <p class="answer">
        {verdict && <span class={`verdict ${kind}`}>{verdict}</span>}
        <span class="quiet">{answer}</span>
      </p>
      {events.length > 0 && (
        <ul class="raised" aria-label="Events">
          {events.map((event, i) => (
            <li key={i}>
              <EventLine event={event} />
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
