/** A what-if on a page. Pure. */
import type { Page } from './page.ts'
import { headlineOf, isComponent, type WhatIfJson } from './what-if-words.ts'

/** All of it: the first to know, the others that win and those that do not, and how it is known. */
export function writeWhatIf(page: Page, whatIf: WhatIfJson, indent: number): void {
  const { smallest, changes, none, remedies, together } = whatIf
  const headline = headlineOf(whatIf)
  page.words(whatIf.sentence, indent, headline === null && together === null ? 'plain' : 'green')
  const winning = [...changes, ...remedies.filter(({ wins }) => wins)].filter((one) => one !== headline)
  writeList(page, 'Others that win:', winning, indent)
  const losing = remedies.filter(({ wins }) => !wins)
  writeList(page, headline === null ? 'Tried:' : 'Others that do not:', losing, indent)
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
      `Only a bounded sample was tried of these, since the outcome has no order along them: ${scanned.join(', ')}.`,
      indent,
      'dim',
    )
  }
  const futile = none.filter(({ of, search }) => search !== 'scan' && isComponent(of)).map(({ of }) => words(of))
  if (smallest !== null && futile.length > 0)
    page.words(`No value of these would do: ${futile.join(', ')}.`, indent, 'dim')
}

function writeList(page: Page, heading: string, ones: readonly { readonly sentence: string }[], indent: number): void {
  if (ones.length === 0) return
  page.words(heading, indent)
  for (const { sentence } of ones) page.words(`- ${sentence}`, indent + 2)
}

function words(of: string): string {
  return of.replaceAll('_', ' ')
}
