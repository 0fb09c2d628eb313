import type { Child } from 'hono/jsx'

export function Problem({ heading, children }: { heading: string; children?: Child }) {
  return (
    <section class="narrow">
      <h1>{heading}</h1>
      <p class="lead">{children}</p>
      <p>
        <a class="button" href="/">
          Back to the shop
        </a>
      </p>
    </section>
  )
}
