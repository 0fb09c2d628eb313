import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import type { Child } from 'hono/jsx'
import { jsxRenderer } from 'hono/jsx-renderer'
import { secureHeaders } from 'hono/secure-headers'
import { SessionError } from 'wafer-session'
import { session } from 'wafer-session/hono'
import { Layout } from './components/layout.tsx'
import { detour } from './detour.ts'
import { type Data, type DemoEnv, rememberTimeouts, timeouts } from './env.ts'
import { account } from './pages/account.tsx'
import { activity } from './pages/activity.tsx'
import { attacks } from './pages/attacks.tsx'
import { cart } from './pages/cart.tsx'
import { checkout } from './pages/checkout.tsx'
import { confirm } from './pages/confirm.tsx'
import { devices } from './pages/devices.tsx'
import { email } from './pages/email.tsx'
import { inspector } from './pages/inspector.tsx'
import { operator } from './pages/operator.tsx'
import { Problem } from './pages/problem.tsx'
import { secondFactor } from './pages/second-factor.tsx'
import { sessionProblem } from './pages/session-problem.tsx'
import { shop } from './pages/shop.tsx'
import { signIn } from './pages/sign-in.tsx'
import { signOut } from './pages/sign-out.tsx'
import { keptIn } from './sessions.ts'
import { watched } from './watch/watched.ts'

export { SessionObject } from 'wafer-session/stores/durable-object'

declare module 'hono' {
  interface ContextRenderer {
    // biome-ignore lint/style/useShorthandFunctionType: only an interface merges with that of Hono.
    (content: Child, props: { title: string }): Response | Promise<Response>
  }
}

const app = new Hono<DemoEnv>()

app.use(
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      imgSrc: ["'self'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // Hono's default takes the Origin from forms too, and csrf() below goes by it where Sec-Fetch-Site is missing.
    referrerPolicy: 'same-origin',
  }),
)
app.use(
  jsxRenderer(({ title, children }, c) => (
    <Layout c={c} title={title}>
      {children}
    </Layout>
  )),
)
// The secret is SESSION_SECRET: of `.dev.vars` here, of `wrangler secret put` in production.
app.use(
  session<Data>(
    ({ env }) => ({
      ...timeouts,
      remember: rememberTimeouts,
      ...keptIn(env),
      ...watched(env),
    }),
    { info: ({ env }) => env.simulation?.client ?? {} },
  ),
)
// SameSite stops forms of other sites; this also stops those of other origins of the same site.
app.use(csrf())
// What is personal stays out of the browser's own copies too: after a sign-out "back" must not show it.
app.on('GET', ['/account/*', '/checkout', '/confirm', '/console/*'], async (c, next) => {
  c.header('Cache-Control', 'no-store')
  await next()
})

app.route('/', shop)
app.route('/cart', cart)
app.route('/checkout', checkout)
app.route('/sign-in', signIn)
app.route('/confirm', confirm)
app.route('/account', account)
app.route('/account/email', email)
app.route('/account/devices', devices)
app.route('/account/activity', activity)
app.route('/account/second-factor', secondFactor)
app.get('/console', (c) => c.redirect('/console/session', 303))
app.route('/console/session', inspector)
app.route('/console/attacks', attacks(app.fetch))
app.route('/console/operator', operator)
app.route('/', signOut)

app.notFound((c) => {
  c.status(404)
  return c.render(<Problem heading="No such page">The shop is over there.</Problem>, {
    title: 'No such page',
  })
})

app.onError((error, c) => {
  const page = error instanceof SessionError && sessionProblem(error, c)
  if (page) return page
  if (!(error instanceof HTTPException)) {
    console.error(error)
    return c.text('Something went wrong on our side.', 500)
  }
  // requireUser and requireFresh only say no; what to do about it is the application's choice.
  if (error.status === 401) {
    const { userId, pending } = c.var.session
    const page = userId === undefined && pending === undefined ? '/sign-in' : '/confirm'
    return c.redirect(detour(page, c.req.path), 303)
  }
  c.status(error.status)
  return c.render(<Problem heading="Refused">This request did not come from a page of this shop.</Problem>, {
    title: 'Refused',
  })
})

export default app
