/** How far the price went from an event's trigger, coloured and said by whether that was its way. */
import type { PageEvent } from '../page-data.ts'
import { element } from './elements.ts'
import { movePercent, wasInFavour } from './event-ends.ts'
import { signedText } from './texts.ts'

export function moveElement(event: PageEvent, size: 'number' | 'sentence'): HTMLElement {
  const favour = wasInFavour(event)
  const [name, words] =
    favour === null ? ['', 'unchanged'] : favour ? ['favour', 'in its favour'] : ['against', 'against it']
  const number = `${signedText(movePercent(event), 2)} %`
  const move = element('span', { class: `move ${name}` }, size === 'number' ? number : `price ${number}, ${words}`)
  // The number stands alone in the list: the words come when they are asked for.
  if (size === 'number') move.title = `price ${words}`
  return move
}
