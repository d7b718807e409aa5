/** How many places of a terminal a text takes, and texts cut and filled by it. Pure. */

/** No control character reaches the terminal; a line's end inside a cell would end the row. */
const control = /\p{Cc}/gu
const wide = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u
const none = /[\p{M}\p{Cf}]/u
const plain = /^[\x20-\x7e]*$/

/** As it may stand in a cell. */
export function cellText(text: string): string {
  return text.replace(control, ' ')
}

export function widthOf(text: string): number {
  if (plain.test(text)) return text.length
  let width = 0
  for (const character of text) width += placesOf(character)
  return width
}

/** `text` in exactly `width` places, a cut shown by `…`. */
export function fitted(text: string, width: number, side: 'left' | 'right'): string {
  const shown = widthOf(text) > width ? cut(text, width) : text
  const rest = ' '.repeat(width - widthOf(shown))
  return side === 'left' ? shown + rest : rest + shown
}

function cut(text: string, width: number): string {
  let shown = ''
  let left = width - 1
  for (const character of text) {
    left -= placesOf(character)
    if (left < 0) break
    shown += character
  }
  return `${shown}…`
}

function placesOf(character: string): number {
  return none.test(character) ? 0 : wide.test(character) ? 2 : 1
}
