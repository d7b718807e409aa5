/** One counterfactual entry as its line: the specification's example to the byte, and what the filters and the analysis say. */
import { describe, expect, it } from 'vitest'
import { instrumentOf } from '../../../src/domain/instrument.ts'
import type { ExitReason, TradeOutcome } from '../../../src/domain/outcome.ts'
import { eventTypesOf } from '../../../src/domain/policy.ts'
import { writeCounterfactualLine } from '../../../src/journal/counterfactual-line.ts'
import { LineBytes } from '../../../src/journal/line-bytes.ts'
import { LineNames } from '../../../src/journal/line-names.ts'
import { candidate, policyOf } from '../decide/support.ts'
import { fieldOf, recordOf } from '../stages/counterfactual/records.ts'

const instruments = ['BTC', 'ETH'].map((symbol) =>
  instrumentOf(symbol, { [symbol]: { priceDecimals: 1, sizeDecimals: 3 } }),
)
const policy = policyOf({ interlock: null, age_boost: null })
const epochNs = 1737442835123456789n

function outcome(
  pnlMinor: number,
  exitReason: ExitReason = 'target_hit',
  over: Partial<TradeOutcome> = {},
): TradeOutcome {
  const prices = { entryTicks: 500_000, exitTicks: 501_500, entryAtNs: 0, exitAtNs: 45e9 }
  return { ...prices, quantityLots: 1, feesMinor: 0, fundingMinor: 0, pnlMinor, exitReason, ...over }
}

function line(record: Float64Array, ...outcomes: readonly (TradeOutcome | null)[]): string {
  const names = new LineNames({ types: eventTypesOf(policy), symbols: ['BTC', 'ETH'], epochNs })
  for (const [rank] of outcomes.entries()) names.nameEvent(fieldOf(record, rank, 'handle'), `e"${rank}`)
  const bytes = new LineBytes()
  const known = outcomes.map((one, rank) => ({
    isSelected: fieldOf(record, rank, 'rejection') < 0,
    isWritten: true,
    outcome: one,
    simulated: null,
  }))
  writeCounterfactualLine(bytes, { record, outcomes: known }, names, instruments)
  return bytes.toString()
}

const cascade = candidate('', {
  ...{ handle: 1, priorityScore: 0.85, regimeAlignment: 1, expectedValue: 0.8 },
  ...{ detectedAtNs: 0, waitingSinceNs: 0 },
})
const snapback = candidate('', {
  ...{ handle: 2, typeIndex: 2, symbolIndex: 1, priorityScore: 0.7, regimeAlignment: 0.5, expectedValue: 0.6 },
  ...{ detectedAtNs: 1, waitingSinceNs: 1 },
})
const account = { nowNs: 3e9 }

describe('counterfactual line', () => {
  it('the specification’s example: BTC earned 150, ETH would have earned 300, and 150 were missed', () => {
    const record = recordOf({ policy, candidates: [cascade, snapback], account })
    const text = line(
      record,
      outcome(15_000),
      outcome(30_000, 'target_hit', { entryTicks: 20_000, exitTicks: 21_500, exitAtNs: 60e9 }),
    )
    expect(text).toBe(
      '{"arbitration_id":"arb_20250121_070038_000001","timestamp":1737442838123456789,"selection_reason":"highest_score",' +
        '"regime":"trend","weights_version":1,"weights":{"priority_score":0.4,"freshness":0.3,"regime_alignment":0.2,"expected_value":0.1},' +
        '"selected":[{"event_id":"e\\"0","event_type":"LIQUIDATION_CASCADE","symbol":"BTC","tier":1,"detected_at_ns":1737442835123456789,' +
        '"score":0.905,"age_bonus":0,"components":{"priority_score":0.34,"freshness":0.285,"regime":0.2,"ev":0.08},' +
        '"raw":{"priority_score":0.85,"freshness":0.95,"regime_alignment":1,"expected_value":0.8},' +
        '"outcome":{"entry_price":50000,"exit_price":50150,"pnl":150,"hold_time_ms":45000,"exit_reason":"target_hit"}}],' +
        '"rejected":[{"event_id":"e\\"1","event_type":"FUNDING_SNAPBACK","symbol":"ETH","tier":3,"detected_at_ns":1737442835123456790,' +
        '"score":0.725000000005,"age_bonus":0,"components":{"priority_score":0.28,"freshness":0.285000000005,"regime":0.1,"ev":0.06},' +
        '"raw":{"priority_score":0.7,"freshness":0.950000000017,"regime_alignment":0.5,"expected_value":0.6},' +
        '"reason":"lower_score","admissible":true,' +
        '"hypothetical_outcome":{"entry_price":2000,"exit_price":2150,"pnl":300,"hold_time_ms":60000,"exit_reason":"target_hit"},' +
        '"opportunity_cost":150,"filtered":null}],' +
        '"analysis":{"selected_better":false,"best_alternative":"e\\"1","total_opportunity_cost":150,"regret":150}}',
    )
    // The same text comes of JSON as it is read.
    expect(JSON.parse(text).rejected[0].opportunity_cost).toBe(150)
  })

  it('the first filter that applies: unfinished, inadmissible, invalidated, low priority; the analysis leaves them out', () => {
    const strict = policyOf({ interlock: null, age_boost: null, min_priority_score: 0.3 })
    const many = [0.9, 0.8, 0.7, 0.45, 0.2].map((priorityScore, index) =>
      candidate('', { handle: index + 1, priorityScore, symbolIndex: index % 2 }),
    )
    const record = recordOf({ policy: strict, candidates: many, account })
    const read = JSON.parse(
      line(record, outcome(100), null, outcome(900, 'invalidated'), outcome(800), outcome(700, 'invalidated')),
    )
    const told = read.rejected.map((one: Record<string, unknown>) => [one.filtered, one.opportunity_cost])
    expect(told).toEqual([
      ['unfinished', null],
      ['invalidated', 8],
      ['low_priority', 7],
      ['inadmissible', 6],
    ])
    expect(read.analysis).toEqual({
      ...{ selected_better: true, best_alternative: null },
      ...{ total_opportunity_cost: 0, regret: 0 },
    })
  })

  it('where nothing was selected nothing would have been displaced: the cost is what it would have earned', () => {
    const strict = policyOf({ interlock: null, age_boost: null, min_priority_score: 0.95 })
    const record = recordOf({ policy: strict, candidates: [cascade, snapback], account })
    const read = JSON.parse(line(record, outcome(700), null))
    const told = read.rejected.map((one: Record<string, unknown>) => [one.filtered, one.opportunity_cost])
    expect([read.selected, told]).toEqual([
      [],
      [
        ['inadmissible', 7],
        ['unfinished', null],
      ],
    ])
  })

  it('costs are against the worst-ranked selected event, and unknown while it is', () => {
    const several = policyOf({
      ...{ interlock: null, age_boost: null },
      selection: 'portfolio',
      max_open_positions: 2,
      max_positions_per_symbol: 4,
    })
    const candidates = [0.9, 0.8, 0.7, 0.6].map((priorityScore, index) =>
      candidate('', { handle: index + 1, priorityScore, symbolIndex: index % 2 }),
    )
    const record = recordOf({ policy: several, candidates, account })
    const costs = (...all: (TradeOutcome | null)[]) =>
      JSON.parse(line(record, ...all)).rejected.map((one: { opportunity_cost: number | null }) => one.opportunity_cost)
    for (const rank of [2, 3]) expect(fieldOf(record, rank, 'rejection')).toBeGreaterThanOrEqual(0)
    expect(costs(outcome(100), outcome(40), outcome(50), outcome(30))).toEqual([0.1, -0.1])
    expect(costs(outcome(100), null, outcome(50), outcome(30))).toEqual([null, null])
    const best = JSON.parse(line(record, outcome(100), outcome(0), outcome(50), outcome(30))).analysis
    expect(best).toMatchObject({ selected_better: false, total_opportunity_cost: 0.8, regret: 0.5 })
  })
})
