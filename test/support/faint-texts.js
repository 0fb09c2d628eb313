;(() => {
  const channels = (color) => color.match(/[\d.]+/g).map(Number)

  function luminance([r, g, b]) {
    const [red, green, blue] = [r, g, b].map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }

  function groundOf(element) {
    if (element === null) return [255, 255, 255]
    const color = channels(getComputedStyle(element).backgroundColor)
    return color.length === 3 ? color : groundOf(element.parentElement)
  }

  function ratioOf(element) {
    const text = luminance(channels(getComputedStyle(element).color))
    const ground = luminance(groundOf(element))
    return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
  }

  const isText = ({ nodeType, textContent }) => nodeType === Node.TEXT_NODE && textContent.trim() !== ''
  const texts = [...document.querySelectorAll('main *:not(svg *), header *, footer *')]
    .filter((element) => [...element.childNodes].some(isText))
    .filter((element) => element.checkVisibility() && !element.closest('meter'))
  if (texts.length < 5) return ['no text was found']
  return texts
    .map((element) => [ratioOf(element), element.textContent.slice(0, 40)])
    .filter(([ratio]) => ratio < 4.5)
    .map(([ratio, text]) => `${ratio.toFixed(2)}: ${text}`)
})()
