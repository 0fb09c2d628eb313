// Lets what the server wrote as `data-left`, in seconds, tick. Without this file the pages say the same, only once.
const loaded = performance.now()
const elements = document.querySelectorAll('[data-left]')

function duration(seconds) {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  if (first === -1) return 'over'
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

function tick() {
  const elapsed = (performance.now() - loaded) / 1000
  for (const element of elements) {
    const left = Math.max(0, Number(element.dataset.left) - elapsed)
    if (element instanceof HTMLMeterElement) element.value = left
    else element.textContent = duration(left)
  }
}

if (elements.length > 0) setInterval(tick, 1000)
