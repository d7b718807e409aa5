/**
 * The shell of every self-contained page: one HTML file with its styles, scripts and data inside, which loads nothing and asks
 * nobody. Pure: texts in, text out. What comes from input enters in two ways only, as escaped text and as escaped JSON.
 */
import { SignalboxError } from '../../base/errors.ts'
import { escapeHtml, type Markup } from './markup.ts'

export interface PageParts {
  /** Plain text. */
  readonly title: string
  /** Of our own making, never from input; each inlined as it is. */
  readonly styles: readonly string[]
  /** Likewise; classic scripts, run in order when the body has been read. */
  readonly scripts: readonly string[]
  /** Anything that JSON can say; the scripts find it by {@link pageDataId}. */
  readonly data: unknown
  /** What the page says without its script; left out: nothing. */
  readonly body?: Markup
}

/** The element that holds the page's data as JSON. */
export const pageDataId = 'page-data'

/** How a page of ours begins. */
export const pageBeginning = '<!doctype html>\n<html lang="en">'

/** Nothing is loaded, sent or embedded, whatever a script would try: the browser keeps the promise that the page makes. */
const contentPolicy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** @throws {SignalboxError} `ERR_INVARIANT` when a style or a script would end its own element. */
export function pageDocument(parts: PageParts): string {
  const { title, styles, scripts, data, body } = parts
  return `${pageBeginning}
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(contentPolicy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
${styles.map((style) => `<style>\n${requireInlinable('style', style)}\n</style>`).join('\n')}
</head>
<body>
${body?.text ?? '<noscript>This page draws itself with a script; allow it to run. It loads nothing from anywhere.</noscript>'}
<script type="application/json" id="${pageDataId}">${inlineJson(data)}</script>
${scripts.map((script) => `<script>\n${requireInlinable('script', script)}\n</script>`).join('\n')}
</body>
</html>
`
}

/**
 * JSON for the content of a script element. Without a `<` in it nothing can end the element or open a comment in it, whatever
 * the strings say; `JSON.parse` gives the same value.
 */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

function requireInlinable(element: 'style' | 'script', text: string): string {
  if (new RegExp(`</${element}|<!--`, 'i').test(text)) {
    throw new SignalboxError('ERR_INVARIANT', `a page's ${element} would end its own element`, { field: element })
  }
  return text.trim()
}
