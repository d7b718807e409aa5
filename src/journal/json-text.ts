/** Texts and lists in journal lines, as `JSON.stringify` writes them. Pure; any thread. */

/** A text's JSON. Ids, types and symbols are nearly always plain ASCII, which needs no escape and no call of the platform's. */
export function quoted(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return JSON.stringify(text)
  }
  return `"${text}"`
}

/** A list's JSON without the array that `map` and `join` would make. */
export function list<Item>(items: readonly Item[], textOf: (item: Item, at: number) => string): string {
  let text = '['
  for (let at = 0; at < items.length; at++) text += at === 0 ? textOf(items[at]!, at) : `,${textOf(items[at]!, at)}`
  return `${text}]`
}
