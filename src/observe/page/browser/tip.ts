/** A card at the cursor that follows it and stays within the window. */
import { element } from './elements.ts'

const distance = 16

export class Tip {
  readonly #root = element('div', { class: 'tip', role: 'tooltip', hidden: '' })

  constructor() {
    document.body.append(this.#root)
  }

  /** @param content - Null hides it. @param place - The cursor, in the window. */
  show(content: HTMLElement | null, place: { readonly x: number; readonly y: number }): void {
    this.#root.hidden = content === null
    if (content === null) return
    this.#root.replaceChildren(content)
    const { offsetWidth, offsetHeight } = this.#root
    const right = place.x + distance
    const left = right + offsetWidth > innerWidth ? place.x - distance - offsetWidth : right
    const below = place.y + distance
    const top = below + offsetHeight > innerHeight ? Math.max(4, innerHeight - offsetHeight - 4) : below
    this.#root.style.left = `${Math.max(4, left)}px`
    this.#root.style.top = `${top}px`
  }
}
