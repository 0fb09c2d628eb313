// Puts what the server sends into the place of what it has sent before. Without this file a reload does it.
const state = document.querySelector('[data-live]')
const live = document.getElementById('live')
const source = new EventSource(state.dataset.live)

source.addEventListener('open', () => {
  state.textContent = 'Live: what happens shows up within a second.'
})
source.addEventListener('error', () => {
  state.textContent = 'Not connected. Trying again.'
})
source.addEventListener('message', ({ data }) => {
  // Escaped by the server, as the page itself was.
  live.innerHTML = data
})
