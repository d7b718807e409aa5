/** Counterfactual lines of tests: made up from a seed, or by hand. Money in units. */
import { Random } from '../../src/base/random.ts'
import { losslessText } from '../../src/domain/lossless-text.ts'

export interface OutcomeLine {
  pnl: number
  exit_reason: string
}
export interface CandidateLine {
  event_id: string
  event_type: string
  symbol: string
  tier: number
  detected_at_ns: bigint
  score: number
  age_bonus: number
  raw: Record<'priority_score' | 'freshness' | 'regime_alignment' | 'expected_value', number>
}
export interface SelectedLine extends CandidateLine {
  outcome: OutcomeLine | null
  simulated_outcome?: OutcomeLine
}
export interface RejectedLine extends CandidateLine {
  reason: string
  admissible: boolean
  hypothetical_outcome: OutcomeLine | null
  opportunity_cost: number | null
  filtered: string | null
}
export interface EntryLine {
  arbitration_id: string
  timestamp: bigint
  selection_reason: string
  regime: string | null
  weights: CandidateLine['raw']
  selected: SelectedLine[]
  rejected: RejectedLine[]
}

export const baseNs = 1_737_442_838_123_456_789n
export const dayNs = 86_400_000_000_000n
const weights = { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 }
const types = ['LIQUIDATION_CASCADE', 'FAILED_HUNT', 'FUNDING_SNAPBACK', 'INVENTORY_DISTRIBUTION']

export function candidateLine(id: string, values: Partial<CandidateLine> = {}): CandidateLine {
  return {
    event_id: id,
    event_type: 'LIQUIDATION_CASCADE',
    symbol: 'BTC',
    tier: 1,
    detected_at_ns: baseNs - 3_000_000_000n,
    score: 0.9,
    age_bonus: 0,
    raw: { priority_score: 0.85, freshness: 0.95, regime_alignment: 1, expected_value: 0.8 },
    ...values,
  }
}

export function selectedLine(id: string, pnl: number | null, values: Partial<SelectedLine> = {}): SelectedLine {
  return { ...candidateLine(id), outcome: pnl === null ? null : { pnl, exit_reason: 'target_hit' }, ...values }
}

/** @param displacedPnl - Of the worst-ranked selected. */
export function rejectedLine(
  id: string,
  pnl: number | null,
  displacedPnl: number | null,
  values: Partial<RejectedLine> = {},
): RejectedLine {
  const cost = pnl === null || displacedPnl === null ? null : Math.round((pnl - displacedPnl) * 100) / 100
  return {
    ...candidateLine(id, { symbol: 'ETH', event_type: 'FUNDING_SNAPBACK', tier: 3, score: 0.59 }),
    reason: 'lower_score',
    admissible: true,
    hypothetical_outcome: pnl === null ? null : { pnl, exit_reason: 'target_hit' },
    opportunity_cost: cost,
    filtered: cost === null ? 'unfinished' : null,
    ...values,
  }
}

export function entryLine(
  sequence: number,
  selected: SelectedLine[],
  rejected: RejectedLine[],
  values: Partial<EntryLine> = {},
): EntryLine {
  return {
    arbitration_id: `arb_20250121_070038_${String(sequence).padStart(6, '0')}`,
    timestamp: baseNs + BigInt(sequence) * 60_000_000_000n,
    selection_reason: 'highest_score',
    regime: 'expansion',
    weights,
    selected,
    rejected,
    ...values,
  }
}

/** A journal of the awkward kind: ties, nothing selected, several, unknown outcomes, no regime, later lines of the same ids. */
export function drawnEntries(seed: number, count: number): EntryLine[] {
  const random = new Random(seed)
  const below = (most: number): number => random.uint32() % most
  // Few different values, so that there are ties everywhere.
  const tenth = (): number => below(11) / 10
  const drawnCandidate = (id: string): CandidateLine =>
    candidateLine(id, {
      event_type: types[below(4)]!,
      symbol: ['BTC', 'ETH', 'Ωμ', 'a"b\\'][below(4)]!,
      tier: 1 + below(3),
      detected_at_ns: baseNs - BigInt(below(3)),
      score: tenth(),
      age_bonus: below(2) * 0.1,
      raw: { priority_score: tenth(), freshness: tenth(), regime_alignment: tenth(), expected_value: tenth() },
    })
  return Array.from({ length: count }, (_, at) => {
    const entry = below(8) === 0 ? below(at + 1) : at
    const selected = Array.from({ length: [0, 1, 1, 1, 1, 2, 3][below(7)]! }, (__, index): SelectedLine => {
      const outcome = below(12) === 0 ? null : { pnl: below(41) - 20 + below(4) / 4, exit_reason: 'stop_hit' }
      const simulated = below(3) === 0 ? { simulated_outcome: { pnl: below(50), exit_reason: 'time_stop' } } : {}
      return { ...drawnCandidate(`s${entry}_${index}`), outcome, ...simulated }
    })
    const displaced = selected.at(-1)?.outcome?.pnl ?? null
    const rejected = Array.from({ length: below(6) }, (__, index): RejectedLine => {
      const pnl = below(10) === 0 ? null : below(41) - 20 + below(4) / 4
      const filtered = [null, null, null, 'inadmissible', 'invalidated', 'low_priority'][below(6)]!
      const line = rejectedLine(`r${'€'.repeat(below(2))}${entry}_${index}`, pnl, displaced, {
        ...drawnCandidate(`r${entry}_${9 - index}`),
        reason: ['lower_score', 'interlocked', 'slot_taken'][below(3)]!,
        admissible: filtered !== 'inadmissible',
      })
      return line.filtered === 'unfinished' ? line : { ...line, filtered }
    })
    return entryLine(entry, selected, rejected, {
      timestamp: baseNs + BigInt(entry) * (dayNs / 5n) + BigInt(below(3)),
      regime: [null, 'expansion', 'trend', 'toString'][below(4)]!,
      weights: { ...weights, freshness: tenth() },
    })
  })
}

export function linesText(entries: readonly unknown[]): string {
  return entries.map((entry) => `${losslessText(entry)}\n`).join('')
}
