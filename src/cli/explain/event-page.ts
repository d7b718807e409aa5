/** The explanation of an event as a page of text. Pure. */
import { tradeText } from './arbitration-page.ts'
import type { EventJson, TakenPartJson } from './event-explanation.ts'
import { countText, scoreText, secondsText, timeText, unitsText } from './figures.ts'
import type { Page } from './page.ts'
import { whatIfLine, writeWhatIf } from './what-if-page.ts'

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

/** In full for the last decision that turned it down; one line for those before. */
function writeWhatWouldHave(page: Page, { decisions }: EventJson): void {
  const searched = decisions.filter(({ what_if: whatIf }) => whatIf !== null)
  const last = searched.at(-1)
  if (last === undefined) return
  page.heading('WHAT WOULD HAVE HAD IT SELECTED')
  for (const one of searched.slice(0, -1)) {
    page.words(`At ${one.arbitration_id}`, 2, 'bold')
    page.words(whatIfLine(one.what_if!), 4)
  }
  page.words(`At ${last.arbitration_id}`, 2, 'bold')
  writeWhatIf(page, last.what_if!, 4)
}
