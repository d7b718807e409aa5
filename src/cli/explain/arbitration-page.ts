/** The explanation of a decision as a page of text. Pure. */
import type { ArbitrationJson } from './arbitration-explanation.ts'
import { secondsText, timeText, unitsText } from './figures.ts'
import type { Page } from './page.ts'
import { writeRanking } from './ranking-page.ts'

export function writeArbitration(page: Page, json: ArbitrationJson): void {
  page.line(json.arbitration_id, 'bold')
  page.words(
    `${timeText(json.at_ns)} UTC, state version ${json.state_version}, weights version ${json.weights_version}`,
  )
  if (json.capital !== null) {
    const rule = `selection ${json.selection_rule}, allocation ${json.allocation.rule}`
    page.words(`${rule}, regime ${json.regime ?? 'not said'}, capital ${unitsText(json.capital)}`)
  }

  page.heading(json.selected.length === 0 ? 'NOBODY SELECTED' : 'SELECTED')
  for (const id of json.selected) page.line(`  ${id}`, 'green')
  page.words(`${json.selection_reason}: ${json.sentence}`)

  writeRanking(page, json)
  writeRejected(page, json)
  writePositions(page, json)
  writeAllocation(page, json)
  writeTrades(page, json)
  writeBefore(page, json)
  for (const note of json.notes) {
    page.line('')
    page.words(note, 2, 'dim')
  }
}

function writeRejected(page: Page, { rejected }: ArbitrationJson): void {
  if (rejected.length === 0) return
  page.heading('NOT SELECTED')
  for (const one of rejected) {
    page.line(`  ${one.event_id}  ${one.reason}`, 'red')
    page.words(one.sentence, 4)
    if (one.what_if !== null) page.words(one.what_if.sentence, 4)
  }
  if (rejected.some(({ what_if: whatIf }) => whatIf !== null)) {
    page.words('Each was verified by deciding again; explain an event for all that would have done.', 2, 'dim')
  }
}

function writePositions(page: Page, { open_positions: positions }: ArbitrationJson): void {
  if (positions.length === 0) return
  page.heading('OPEN POSITIONS at that time')
  for (const { event_id: id, event_type: type, symbol, capital, selected_by: by } of positions) {
    page.words(`${id}: ${type}, ${symbol}, ${unitsText(capital)}${by === null ? '' : `, selected by ${by}`}`)
  }
}

function writeAllocation(page: Page, { allocation }: ArbitrationJson): void {
  page.heading('ALLOCATION')
  for (const { event_id: id, sentence, capital_required: need } of allocation.members) {
    page.words(`${id}: ${sentence}${need === null || need === 0 ? '' : `; it needed ${unitsText(need)}`}`)
  }
  for (const pot of allocation.pots ?? []) {
    const held = pot.held === 0 ? '' : `, ${unitsText(pot.held)} held by open positions`
    const borrowed = pot.borrowed === 0 ? '' : `, ${unitsText(pot.borrowed)} of it borrowed from idle pots`
    page.words(
      `pot ${pot.pot} (${pot.share}): ${unitsText(pot.own_budget)} of its own${held}; ${unitsText(pot.allocated)} allocated${borrowed}`,
    )
  }
  page.words(`allocated ${unitsText(allocation.allocated)}, unallocated ${unitsText(allocation.unallocated)}`)
  if (allocation.deficits !== null) {
    page.words(`deficits that were compared: ${moneysText(allocation.deficits_compared ?? {})}`)
    page.words(`deficits after it: ${moneysText(allocation.deficits)}`)
  }
}

function moneysText(moneys: Readonly<Record<string, number>>): string {
  return Object.entries(moneys)
    .map(([name, money]) => `${name} ${unitsText(money)}`)
    .join(', ')
}

function writeTrades(page: Page, { trades, not_traded: notTraded }: ArbitrationJson): void {
  if (trades.length + notTraded.length === 0) return
  page.heading('WHAT CAME OF IT')
  for (const one of trades) {
    page.words(tradeText(one), 2, one.pnl < 0 ? 'red' : 'green')
  }
  for (const { event_id: id, sentence, refusal } of notTraded) {
    page.words(`${id}: ${sentence}`, 2, refusal === null ? 'plain' : 'red')
  }
}

/** A closed trade in one sentence. */
export function tradeText(one: ArbitrationJson['trades'][number]): string {
  const held = secondsText(BigInt(Math.round(one.hold_time_ms)) * 1_000_000n)
  return `${one.side} ${one.quantity} ${one.symbol} of ${unitsText(one.capital)}: ${one.entry_price} → ${one.exit_price} in ${held}, ${one.exit_reason}, P&L ${unitsText(one.pnl)}`
}

function writeBefore(page: Page, { before }: ArbitrationJson): void {
  page.heading('AGAINST THE DECISION BEFORE')
  if (before === null) {
    page.words('It is the first of the journal.')
    return
  }
  page.words(`${before.arbitration_id}, ${secondsText(BigInt(Math.round(before.seconds * 1e9)))} earlier`)
  if (before.changes.length === 0) page.words('The same candidates, positions and verdicts: decided anew.')
  for (const change of before.changes) page.words(change)
}
