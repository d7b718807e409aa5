/** The explanation of an event as a page of text. Pure. */
import { tradeText } from './arbitration-page.ts'
import type { EventJson, TakenPartJson } from './event-explanation.ts'
import { countText, listText, scoreText, secondsText, timeText, unitsText } from './figures.ts'
import type { Page } from './page.ts'
import { writeWhatIf } from './what-if-page.ts'

export function writeEvent(page: Page, json: EventJson): void {
  page.line(json.event_id, 'bold')
  const priority = json.priority_score === null ? '' : `, priority score ${scoreText(json.priority_score)}`
  page.words(`${json.event_type}, ${json.symbol}${json.side === null ? '' : `, ${json.side}`}${priority}`)
  page.words(json.sentence, 2, json.outcome === 'traded' ? 'green' : 'plain')

  writeLife(page, json)
  writeDecisions(page, json)
  if (json.trade !== null) {
    page.heading('TRADE')
    page.words(tradeText(json.trade), 2, json.trade.pnl < 0 ? 'red' : 'green')
    page.words(`fees ${unitsText(json.trade.fees)}, funding ${unitsText(json.trade.funding)}`)
  }
  if (json.refusal !== null) {
    const { side, quantity, symbol, capital, limit_price: limit, price, reason, at_ns: at } = json.refusal
    page.heading('REFUSED ENTRY')
    const market = price === null ? 'it never arrived' : `market ${price}`
    const order = `${side} ${quantity} ${symbol} of ${unitsText(capital)}, limit ${limit}`
    page.words(`${timeText(at)}: ${order}, ${market} (${reason})`, 2, 'red')
  }
  if (json.hypothetical !== null) {
    const { pnl, exit_reason: exit, opportunity_cost: cost, arbitration_id: id } = json.hypothetical
    page.heading('WHAT IT WOULD HAVE COME TO')
    page.words(
      pnl === null
        ? `unfinished (${id})`
        : `P&L ${unitsText(pnl)}, ${exit}${cost === null ? '' : `, opportunity cost ${unitsText(cost)}`} (${id})`,
    )
  }
  writeWhatWouldHave(page, json)
  for (const note of json.notes) {
    page.line('')
    page.words(note, 2, 'dim')
  }
}

function writeLife(page: Page, { life }: EventJson): void {
  page.heading('LIFE')
  if (life.length === 0) page.words('The journal has no lifecycle line of it.')
  const first = life[0]?.at_ns
  for (const { state, at_ns: at, after_ns: after, evidence } of life) {
    const since = after === null ? '' : `after ${secondsText(after)}`
    page.line(`  ${timeText(at, at === first ? undefined : first).padStart(23)}  ${state.padEnd(11)}  ${since}`)
    const numbers = Object.entries(evidence).map(
      ([name, value]) => `${name} ${value === null ? 'unknown' : Number(value.toPrecision(6))}`,
    )
    if (numbers.length > 0) page.words(numbers.join(', '), 6, 'dim')
  }
}

function writeDecisions(page: Page, { decisions, decisions_left_out: leftOut }: EventJson): void {
  page.heading(`DECISIONS with it: ${countText(decisions.length + leftOut, 'decision')}`)
  if (decisions.length === 0) page.words('None that was written: repeats are not.')
  const first = decisions[0]?.at_ns
  const omittedAt = leftOut === 0 ? -1 : decisions.length / 2
  for (const [at, one] of decisions.entries()) {
    if (at === omittedAt) page.words(`… ${countText(leftOut, 'decision')} left out …`, 2, 'dim')
    writeDecision(page, one, at === 0 ? undefined : first, decisions[at - 1]?.sentence)
  }
}

function writeDecision(page: Page, one: TakenPartJson, first: bigint | undefined, before: string | undefined): void {
  const isSelected = one.verdict === 'selected'
  const place = `rank ${one.rank} of ${one.candidates}, score ${scoreText(one.score)}`
  page.line(`  ${timeText(one.at_ns, first).padStart(23)}  ${one.arbitration_id}`)
  const verdict = isSelected ? `selected, ${one.reservation_status}` : one.verdict
  page.words(`${place}: ${verdict}`, 6, isSelected ? 'green' : 'red')
  page.words(one.sentence === before ? 'As before.' : one.sentence, 6)
}

/** In full for the last decision that turned it down; one sentence for those before. */
function writeWhatWouldHave(page: Page, { decisions }: EventJson): void {
  const searched = decisions.filter(({ what_if: whatIf }) => whatIf !== null)
  const last = searched.at(-1)
  if (last === undefined) return
  page.heading('WHAT WOULD HAVE HAD IT SELECTED')
  const first = decisions.indexOf(searched[0]!)
  const isEarlier = (one: TakenPartJson, at: number): boolean => at < first && one.verdict !== 'selected'
  const earlier = decisions.filter((one, at) => isEarlier(one, at) && !one.as_before)
  if (earlier.length > 0) {
    const they = earlier.length === 1 ? 'turned it down in another way' : 'turned it down in other ways'
    page.words(
      `${countText(earlier.length, 'decision')} before these ${they}; no changes of them were searched.`,
      2,
      'dim',
    )
  }
  for (const one of searched) {
    page.words(`At ${one.arbitration_id}${alikeText(decisions, decisions.indexOf(one))}`, 2, 'bold')
    if (one === last) writeWhatIf(page, one.what_if!, 4)
    else page.words(one.what_if!.sentence, 4)
  }
}

/** The decisions after it that turned it down in the same way, by the ends of their ids. */
function alikeText(decisions: readonly TakenPartJson[], at: number): string {
  const isOther = decisions.findIndex((one, index) => index > at && !one.as_before)
  const alike = decisions.slice(at + 1, isOther < 0 ? undefined : isOther)
  if (alike.length === 0) return ''
  const sequences = alike.map(({ arbitration_id: id }) => id.slice(id.lastIndexOf('_') + 1))
  return `, and ${alike.length} more like it: ${listText(sequences, 8)}`
}
