/** The Worker that tests on workerd run beside. */
export { SessionObject } from 'wafer-session/stores/durable-object'

export default {
  fetch: () => new Response('Tests call stores and objects, not this.'),
}
