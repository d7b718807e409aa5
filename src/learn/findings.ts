/**
 * What stands out of a report, as sentences. A finding is told only of at least {@link casesMin} cases whose Wilson lower bound lies above
 * the chance of its group; all of them are in-sample. Pure; any thread.
 *
 * The chance of a group of rejected events (of a component, of a reason) is one half: of two events that are alike, the one that was not
 * chosen earns more as often as not. That of a group of entries is the mean of 1 − 1 ÷ (1 + rejected) (ERRATA E24).
 */
import { type ComponentFigures, type ComponentName, componentNames, type ReportFigures } from './report-figures.ts'
import { wilsonInterval } from './statistics.ts'

export const casesMin = 30
const evenChance = 0.5
/** Above it the specification calls scoring poorly calibrated. */
export const badRate = 0.2

export const componentWords: Readonly<Record<ComponentName, string>> = {
  priority_score: 'priority score',
  freshness: 'freshness',
  regime_alignment: 'regime alignment',
  expected_value: 'expected value',
}

export interface Finding {
  readonly kind: 'component' | 'inversions'
  readonly sentence: string
}

/**
 * @param moneyText - How money is written.
 * @returns Those that cost most first.
 */
export function findingsOf(figures: ReportFigures, moneyText: (units: number) => string): Finding[] {
  const found: (Finding & { readonly cost: number })[] = []
  const { count, rate, ci95, chance } = figures.inversions
  if (figures.resolved >= casesMin && rate !== null && ci95![0] > chance!) {
    found.push({
      kind: 'inversions',
      cost: figures.missedPnl,
      sentence: `${percent(rate)} of ${figures.resolved} arbitrations (${count}) passed over an event that would have earned more, which a random choice would do in ${percent(chance!)}: the scores choose worse than chance.`,
    })
  }
  for (const more of componentNames) {
    // Of the others of which there was less, the one with which the cost is greatest; where none stands out, the component by itself.
    const exchanges = figures.exchanges.filter((exchange) => exchange.more === more && standsOut(exchange))
    const [exchange] = exchanges.sort((one, other) => other.opportunityCost - one.opportunityCost)
    const told = exchange ?? figures.byComponent[more]
    if (!standsOut(told)) continue
    const much = componentWords[more]
    const little = exchange === undefined ? null : componentWords[exchange.less]
    const what = little === null ? `more ${much}` : `more ${much} but less ${little}`
    const advice = little === null ? `more weight on ${much}` : `moving weight from ${little} to ${much}`
    const cost = told.opportunityCost
    found.push({
      kind: 'component',
      cost,
      sentence: `Events with ${what} than the selected one were rejected ${told.count.toLocaleString('en-US')} times; ${percent(told.winRate!)} would have earned more, ${moneyText(cost)} in all: consider ${advice}.`,
    })
  }
  return found.sort((one, other) => other.cost - one.cost).map(({ kind, sentence }) => ({ kind, sentence }))
}

function standsOut({ count, wins }: ComponentFigures): boolean {
  return count >= casesMin && wilsonInterval(wins, count)![0] > evenChance
}

/** The specification's verdict on the rate of inversions, beside what chance alone would do. */
export function inversionVerdict({ resolved, inversions }: ReportFigures): string {
  const { rate, ci95, chance } = inversions
  if (rate === null || ci95 === null || chance === null) return 'No verdict: nothing is resolved.'
  const said = resolved < casesMin ? [`Fewer than ${casesMin} arbitrations say little.`] : []
  said.push(
    rate > badRate
      ? 'Above 20%: by the rule of the specification the scores are poorly calibrated.'
      : 'Not above 20%, from where on the specification calls the scores poorly calibrated.',
  )
  if (chance >= badRate) {
    said.push(`But 20% lies within chance: a random choice among these candidates would have ${percent(chance)}.`)
  }
  if (ci95[1] < chance) said.push('The whole interval is below chance: the scores choose better than that.')
  else if (ci95[0] > chance) said.push('The whole interval is above chance: the scores choose worse than that.')
  else said.push('Chance lies within the interval: the rate does not tell the scores from a random choice.')
  return said.join(' ')
}

/** Why so few arbitrations are resolved. '' where all are. */
export function unresolvedSentence({ arbitrations, resolved, unresolved }: ReportFigures): string {
  const { noneSelected, outcomeUnknown, noRival } = unresolved
  const causes: string[] = []
  if (noneSelected > 0) causes.push(`${numberText(noneSelected)} selected nothing`)
  if (noRival > 0) causes.push(`${numberText(noRival)} had no rejected event that counts`)
  if (outcomeUnknown > 0)
    causes.push(
      `${numberText(outcomeUnknown)} ${outcomeUnknown === 1 ? 'lacks' : 'lack'} the outcome of a selected event`,
    )
  if (causes.length === 0) return ''
  const said = causes.length === 1 ? causes[0]! : `${causes.slice(0, -1).join(', ')} and ${causes.at(-1)!}`
  const count = arbitrations - resolved
  return `Of ${numberText(arbitrations)} ${arbitrations === 1 ? 'arbitration' : 'arbitrations'}, ${numberText(count)} ${count === 1 ? 'is' : 'are'} not resolved: ${said}.`
}

function numberText(count: number): string {
  return count.toLocaleString('en-US')
}

export function percent(share: number): string {
  const value = share * 100
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : Number(value.toFixed(1))}%`
}
