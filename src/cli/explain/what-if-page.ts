/** A what-if on a page. Pure. */
import type { Page } from './page.ts'
import { isComponent, type WhatIfJson } from './what-if-words.ts'

/** All of it: the smallest change, the others, the rule that stands in the way, and how it is known. */
export function writeWhatIf(page: Page, whatIf: WhatIfJson, indent: number): void {
  const { smallest, changes, none, remedies, together } = whatIf
  page.words(whatIf.sentence, indent, smallest === null ? 'plain' : 'green')
  for (const change of changes) {
    if (change !== smallest) page.words(`${smallest === null ? '' : 'or '}${change.sentence}`, indent + 2)
  }
  for (const remedy of remedies) page.words(remedy.sentence, indent + 2, remedy.wins ? 'green' : 'plain')
  if (together !== null) {
    const { remedy, change } = together
    const condition = remedy.sentence.slice(0, remedy.sentence.indexOf(':'))
    page.words(`${condition}, and with ${change.sentence}`, indent + 2, 'green')
  }
  if (changes.length > 0 || together !== null) {
    page.words(
      'Each change was decided again and wins; one step less of it does not. Whether what it gets buys a lot, the journal does not say.',
      indent,
      'dim',
    )
  }
  const scanned = [...changes, ...none].filter(({ search }) => search === 'scan').map(({ of }) => words(of))
  if (scanned.length > 0) {
    page.words(
      `Found by trying a bounded sample, since the outcome has no order along it: ${scanned.join(', ')}.`,
      indent,
      'dim',
    )
  }
  const futile = none.filter(({ of, search }) => search !== 'scan' && isComponent(of)).map(({ of }) => words(of))
  if (smallest !== null && futile.length > 0)
    page.words(`No value of these would do: ${futile.join(', ')}.`, indent, 'dim')
}

/** The least of it on one line: for a list of the rejected. */
export function whatIfLine(whatIf: WhatIfJson): string {
  const { smallest, changes, none, remedies, together } = whatIf
  // A sample is no proof that nothing else would have.
  const isSampled = none.some(({ of, search }) => search === 'scan' && isComponent(of))
  const tried = isSampled ? ' that was tried' : ''
  if (smallest !== null) return `Would have won with ${smallest.sentence}`
  const remedy = remedies.find(({ wins }) => wins)
  if (remedy !== undefined) return `No change of one component${tried} would do. ${remedy.sentence}`
  if (changes.length > 0)
    return `No change of one component${tried} would do; it would have won with ${changes[0]!.sentence}`
  if (together === null) return 'Nothing that was tried would have had it selected.'
  return `Nothing${tried} would do alone. ${together.remedy.sentence.replace(/:.*/, '')}, and with ${together.change.sentence}`
}

function words(of: string): string {
  return of.replaceAll('_', ' ')
}
