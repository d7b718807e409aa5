/** Markup made in Node, for pages that are to be read without their script: whatever is put into a template is text unless it is markup itself. */

export class Markup {
  readonly text: string

  /** @param text - Of our own making; what comes from input goes through {@link html}. */
  constructor(text: string) {
    this.text = text
  }
}

/** What a template may hold; null is nothing. */
export type Part = string | number | Markup | null | readonly Part[]

/** A template whose holes are escaped, in content and in quoted attributes. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = literals[0]!
  for (const [index, part] of parts.entries()) text += textOf(part) + literals[index + 1]!
  return new Markup(text)
}

function textOf(part: Part): string {
  if (part === null) return ''
  if (part instanceof Markup) return part.text
  if (typeof part === 'object') return part.map(textOf).join('')
  return escapeHtml(String(part))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for an element's content or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}
