import { describe, expect, it } from 'vitest'
import { decisionLine, decisionTitle } from '../../../../src/cli/terminal/decision-rows.ts'
import { type DecisionRow, LiveModel } from '../../../../src/cli/terminal/live-model.ts'
import { rendered } from '../../../../src/cli/terminal/styled-line.ts'
import type { MarketEvent } from '../../../../src/domain/event.ts'
import { Timeline } from '../../../../src/domain/units.ts'
import { decided, eventOf, instruments } from './happenings.ts'

const timeline = new Timeline(Date.UTC(2026, 5, 17, 18))
const layoutOf = (columns: number) => ({
  instruments,
  timeline,
  freshnessHorizonS: 60,
  columns,
  rows: 24,
  isColoured: false,
})
const shown = (row: DecisionRow, columns: number): string =>
  rendered(decisionLine(row, layoutOf(columns)), columns, false)
const titleAt = (columns: number): string => rendered(decisionTitle(layoutOf(columns)), columns, false)
const rowOf = (...of: Parameters<typeof decided>): DecisionRow => ({ message: decided(...of), declined: new Map() })

const [cascade, hunt, distribution] = [eventOf('cascade', 0), eventOf('hunt', 1), eventOf('distribution', 0, 1e9)]

describe('decision rows', () => {
  it('80 columns have the sequence, 140 the id that explain takes', () => {
    const row = rowOf([cascade, hunt], 1)
    expect(shown(row, 80)).toMatch(/^18:00:00 #12 {5}BTC cascade 0\.900 over DOGE hunt +highest_score$/)
    expect(shown(row, 140)).toMatch(
      /^arb_20260617_180214_000012 +BTC cascade 0\.900 over DOGE hunt 0\.890 +10,000\.00 highest_score$/,
    )
  })

  it.each([80, 140])('at %d columns every column stands under its head, whoever was chosen', (columns) => {
    const title = titleAt(columns)
    const rows: [DecisionRow, string][] = [
      [rowOf([cascade, hunt], 1), 'highest_score'],
      [rowOf([cascade, distribution, hunt], 2), 'highest_score'],
      [rowOf([hunt], 0, 'below_min_priority'), 'below_min_priority'],
    ]
    for (const [row, why] of rows) expect(shown(row, columns).indexOf(why)).toBe(title.indexOf('WHY'))
    if (columns === 80) return
    const capital = shown(rows[0]![0], columns).indexOf('10,000.00') + '10,000.00'.length
    expect(capital).toBe(title.indexOf('CAPITAL') + 'CAPITAL'.length)
  })

  it.each([60, 80, 116, 140, 200])('at %d columns every event is named or counted', (columns) => {
    const events = Array.from({ length: 9 }, (_, at) => eventOf('distribution', at % 2, at * 1e9))
    for (const selected of [0, 1, 3]) {
      for (let count = Math.max(1, selected); count <= events.length; count += 1) {
        const line = shown(rowOf(events.slice(0, count), selected), columns)
        expect(eventsIn(line), line).toBe(count)
      }
    }
  })

  it('nobody selected: who competed, why not, and who is in the way', () => {
    const blocked = rowOf([hunt], 0, 'interlocked', [], { blockedBy: cascade, open: [cascade] })
    expect(shown(blocked, 80)).toMatch(/none of DOGE hunt 0\.900 +interlocked: BTC cascade$/)
    const full = rowOf([hunt, distribution], 0, 'max_open_positions', [], { open: [cascade] })
    expect(shown(full, 140)).toMatch(
      /none of DOGE hunt 0\.900, BTC distribution 0\.890 +– max_open_positions: BTC cascade$/,
    )
  })

  it('a decision whose selection was declined says so, and shows no capital', () => {
    const row = declinedRow(
      [cascade, hunt],
      1,
      cascade,
      'cascade-continuation declines: reward-to-risk left 0.3, least 1',
    )
    expect(shown(row, 140)).toMatch(/ – declined: reward-to-risk left 0\.3, least 1$/)
    expect(shown(row, 80)).toMatch(/ declined: reward-to-risk le…$/)
    expect(shown(declinedRow([cascade], 1, cascade, 'cascade-continuation declines'), 80)).toMatch(/ declined$/)
  })

  it('of several selected it says which was declined, and what the ledger refused', () => {
    const row = declinedRow([cascade, hunt], 2, hunt, 'risk_limit')
    expect(shown(row, 160)).toMatch(/10,000\.00 DOGE hunt declined: risk_limit, highest_score$/)
    expect(shown(rowOf([cascade], 1, 'lower_score', ['NO_CAPITAL']), 80)).toMatch(/ NO_CAPITAL, highest_score$/)
  })
})

function declinedRow(
  events: readonly MarketEvent[],
  selected: number,
  event: MarketEvent,
  reason: string,
): DecisionRow {
  const model = new LiveModel()
  model.take(decided(events, selected))
  model.take({ kind: 'declined', handle: 1, eventId: event.eventId, atNs: 0, reason })
  return model.decisions[0]!
}

/** How many events a line speaks of: the named ones and those that it counts. */
function eventsIn(line: string): number {
  const counted = [...line.matchAll(/(\d+) (?:more|others?|events)/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
  return counted + (line.match(/(?:BTC|DOGE) distribution/g) ?? []).length
}
