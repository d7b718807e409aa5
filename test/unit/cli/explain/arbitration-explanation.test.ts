/** Why a decision was as it was, on journals that were made for it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ArbitrationJson } from '../../../../src/cli/explain/arbitration-explanation.ts'
import { explain, explanationText } from '../../../../src/cli/explain.ts'
import { writeJournal } from '../../../support/journal-of.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const now = 1_781_719_200_000_000_000n
const s = 1_000_000_000n
const firstId = 'arb_20260617_180000_000001'

function candidate(id: string, priority: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event_id: id,
    event_type: 'LIQUIDATION_CASCADE',
    symbol: id.toUpperCase(),
    side: 'short',
    lifecycle_state: 'ACTIVE',
    priority_score: priority,
    detected_at_ns: now - s,
    expires_at_ns: now + 1000n * s,
    regime_alignment: 0.5,
    expected_value: 0.5,
    ...more,
  }
}

const hunt = (id: string, priority: number, more: Record<string, unknown> = {}) =>
  candidate(id, priority, { event_type: 'FAILED_HUNT', ...more })
const snapback = (id: string, priority: number, more: Record<string, unknown> = {}) =>
  candidate(id, priority, { event_type: 'FUNDING_SNAPBACK', ...more })

interface Setting {
  readonly policy?: Record<string, unknown>
  readonly [key: string]: unknown
}

/** A journal of one decision, and where it is. */
function journalOf(candidates: readonly unknown[], { policy, ...rest }: Setting = {}): string {
  const folder = temporaryFolder()
  const scenario = { now_ns: now, capital: 10_000, policy: { max_wait_s: null, ...policy }, candidates, ...rest }
  writeJournal(folder, [scenario], [])
  return folder
}

function explained(folder: string): ArbitrationJson {
  const explanation = explain(folder, firstId, (line) => {
    throw new Error(line)
  })
  if (explanation.kind !== 'arbitration') throw new Error(explanation.kind)
  return explanation
}

function pageOf(json: ArbitrationJson, columns = 80): string {
  return explanationText(json, { columns, isColoured: false })
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')
const rejectedOf = (json: ArbitrationJson, id: string) => json.rejected.find(({ event_id: one }) => one === id)!

/** Puts other texts into a file of the journal. */
function rewrite(folder: string, series: string, change: (text: string) => string): void {
  const file = join(folder, `${series}-000001.ndjson`)
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

describe('arbitration explanation: another scorer', () => {
  /** The base scores of the line as another scorer would have made them: the same for all, so that nobody changes rank. */
  const rescored = (text: string, add: number): string =>
    text.replaceAll(/"(base_score|score)":([\d.]+)/g, (_, key, score) => `"${key}":${Number(score) + add}`)

  test('arbitration explanation: scores that the components do not add up to are said to be another scorer’s', () => {
    const folder = journalOf([candidate('a', 0.9), candidate('b', 0.5)])
    expect(explained(folder)).toMatchObject({ decided_again: true, scorer: 'built_in', notes: [] })
    rewrite(folder, 'decisions', (text) => rescored(text, 1))
    const json = explained(folder)
    expect(json).toMatchObject({ decided_again: false, scorer: 'other' })
    expect(json.notes).toEqual(['It was scored by another scorer than the built-in one, so no changes are searched.'])
    expect(rejectedOf(json, 'b').what_if).toBeNull()
    expect(oneLine(pageOf(json))).toContain('These do not add up to the score')
    expect(oneLine(pageOf(json))).not.toContain('what it adds to the score')
  })

  test('arbitration explanation: the twelfth digit of a score is told', () => {
    const folder = journalOf([candidate('a', 0.9)])
    rewrite(folder, 'decisions', (text) => rescored(text, 1e-10))
    expect(explained(folder)).toMatchObject({ decided_again: false, scorer: 'other' })
  })
})

describe('arbitration explanation: a refused entry', () => {
  const line = (more: string): string =>
    `{"event_id":"a","arbitration_id":"${firstId}","symbol":"A","side":"long","quantity":1604.99,"capital":9789.83,"at_ns":1781719200050000000,${more}}\n`

  test.each([
    [
      '"reason":"beyond_limit","limit_price":6.0996,"price":6.1035',
      'the entry was refused: market 6.1035 beyond its limit 6.0996',
    ],
    [
      '"reason":"beyond_margin","limit_price":6.0996,"price":6.1035',
      'the entry was refused: long 1604.99 A at 6.1035 was worth more than its margin of 9,789.83 carries',
    ],
    [
      '"reason":"end_of_data","limit_price":6.0996,"price":null',
      'the entry (limit 6.0996) never arrived: the data ended before',
    ],
  ])('arbitration explanation: %s', (more, sentence) => {
    const folder = journalOf([candidate('a', 0.9)])
    writeFileSync(join(folder, 'refusals-000001.ndjson'), line(more))
    const json = explained(folder)
    expect(json.not_traded).toMatchObject([{ event_id: 'a', sentence, refusal: { limit_price: 6.0996 } }])
    expect(oneLine(pageOf(json))).toContain(`a: ${sentence}`)
    const event = explain(folder, 'a', () => {})
    expect(event).toMatchObject({ outcome: 'refused', refusal: { arbitration_id: firstId, quantity: 1604.99 } })
    expect(event.kind === 'event' && event.sentence).toContain(sentence)
    const text = oneLine(explanationText(event, { columns: 80, isColoured: false }))
    expect(text).toContain('long 1604.99 A of 9,789.83, limit 6.0996')
    expect(text).not.toContain('no trade was closed')
  })
})

describe('arbitration explanation: the chosen that allocation dropped', () => {
  const portfolio = { selection: 'portfolio', max_open_positions: 3 }
  const slots = { FAILED_HUNT: 0.5, FUNDING_SNAPBACK: 0.5 }
  const rivals = [
    hunt('a', 0.9),
    snapback('b1', 0.8, { capital_required: 3000 }),
    snapback('b2', 0.7, { capital_required: 3000 }),
    hunt('c', 0.6),
  ]

  test('arbitration explanation: the set that was chosen is named, and who was dropped from it', () => {
    const json = explained(journalOf(rivals, { policy: { ...portfolio, capital_slots: slots } }))
    expect(json.selected).toEqual(['a', 'b1'])
    expect(json.sentence).toBe(
      'Of all compatible sets that the free slots allow {a, b1, b2} has the greatest total score, over 4 admissible events. ' +
        'It could not get its capital, so that b2 was dropped (insufficient_capital).',
    )
    expect(rejectedOf(json, 'b2').sentence).toBe(
      '{b1, b2} was chosen to share the pot FUNDING_SNAPBACK (0.5 of the capital), and not each would have got what it needs (b1 3,000.00, b2 3,000.00); the worst-ranked is dropped first.',
    )
    const remedies = rejectedOf(json, 'b2').what_if!.remedies.map(({ sentence }) => sentence)
    expect(remedies).toEqual([
      'Without a it still loses (insufficient_capital).',
      'Without b1 it wins and gets 5,000.00 (portfolio).',
    ])
    expect(rejectedOf(json, 'c').sentence).toBe(
      'The limit of 3 positions is reached by a, b1, b2, counting b2, which was dropped afterwards.',
    )
  })

  test('arbitration explanation: who was dropped is not called selected', () => {
    const json = explained(
      journalOf(
        [
          candidate('a', 0.9, { capital_required: 8000 }),
          snapback('b', 0.8, { capital_required: 8000 }),
          hunt('c', 0.7, { symbol: 'B' }),
        ],
        { policy: { ...portfolio, interlock: { scope: 'symbol', compatible: [] } } },
      ),
    )
    expect(json.selected).toEqual(['a'])
    expect(rejectedOf(json, 'c').sentence).toContain(
      'in its way is the chosen b (FUNDING_SNAPBACK, B; dropped afterwards: insufficient_capital)',
    )
  })

  test('arbitration explanation: a need of nothing is not named', () => {
    const policy = { ...portfolio, interlock: null }
    const json = explained(
      journalOf([candidate('a', 0.9, { capital_required: 9000 }), candidate('b', 0.8)], { policy }),
    )
    expect(rejectedOf(json, 'b').sentence).toBe(
      '{a, b} was chosen to share 10,000.00, and not each would have got what it needs (a 9,000.00); the worst-ranked is dropped first.',
    )
  })
})

describe('arbitration explanation: capital', () => {
  test('arbitration explanation: a type without a pot is said to have none', () => {
    const json = explained(journalOf([snapback('b', 0.8)], { policy: { capital_slots: { FAILED_HUNT: 0.6 } } }))
    const rejected = rejectedOf(json, 'b')
    expect(rejected.sentence).toBe('No pot is named for FUNDING_SNAPBACK, so it gets nothing.')
    expect(rejected.what_if!.sentence).toContain(
      'With the policy\'s capital_slots at {"FAILED_HUNT":0.6,"FUNDING_SNAPBACK":0.4} it wins and gets 4,000.00',
    )
  })

  test('arbitration explanation: of a lot that could not be bought it is said how much was left, and the stop’s most', () => {
    const folder = journalOf([hunt('a', 0.9)], {
      capital: 9990.66,
      open_positions: [{ event_id: 'p', event_type: 'FUNDING_SNAPBACK', symbol: 'P', capital: 9990.64 }],
      policy: { max_open_positions: 2 },
    })
    // What a lot costs is the engine's to know: so its verdict is put into the line.
    rewrite(folder, 'decisions', (text) =>
      text
        .replace(
          '"selected":["a"],"selection_reason":"only_candidate"',
          '"selected":[],"selection_reason":"none_admissible"',
        )
        .replace(
          '"rejected_events":[]',
          '"rejected_events":[{"event_id":"a","reason":"risk_limit","admissible":true,"score_diff":null,"blocked_by":null}]',
        )
        .replace(/"allocations":\[[^\]]*\]/, '"allocations":[]')
        .replace(
          /"capital_allocated":[\d.]+,"capital_unallocated":[\d.]+/,
          '"capital_allocated":0,"capital_unallocated":0.02',
        ),
    )
    const json = explained(folder)
    expect(rejectedOf(json, 'a').sentence).toBe(
      'It was chosen, but no lot could be bought for it. At most 0.02 was left for it, since open positions hold 9,990.64 of 9,990.66, and its stop may lose at most 199.81; which of the two was too little, the journal does not say.',
    )
    expect(json.sentence).toBe('a was chosen and could not use what it was to be given, so nobody was selected.')
  })

  test('arbitration explanation: the deficits that the queue compared stand before those that it left', () => {
    const json = explained(
      journalOf([hunt('a', 0.5), snapback('b', 0.9)], {
        policy: { fair_queue: 'deficit' },
        history: { deficits: { FAILED_HUNT: 700, FUNDING_SNAPBACK: -200 } },
      }),
    )
    expect(json.selected).toEqual(['a'])
    expect(json.allocation).toMatchObject({
      deficits_compared: { FAILED_HUNT: 1700, FUNDING_SNAPBACK: 800 },
      deficits: { FAILED_HUNT: -8300, FUNDING_SNAPBACK: 800 },
    })
    expect(json.sentence).toContain('its deficit was the greatest (FAILED_HUNT 1,700.00, FUNDING_SNAPBACK 800.00)')
    const text = oneLine(pageOf(json))
    expect(text).toContain('deficits that were compared: FAILED_HUNT 1,700.00, FUNDING_SNAPBACK 800.00')
    expect(text).toContain('deficits after it: FAILED_HUNT -8,300.00, FUNDING_SNAPBACK 800.00')
  })

  test('arbitration explanation: a change that would give less than a unit is not named first, and called what it is', () => {
    const setting = {
      capital: 9963.61,
      open_positions: [{ event_id: 'p', event_type: 'FUNDING_SNAPBACK', symbol: 'P', capital: 9963.61 }],
      policy: { max_open_positions: 2 },
    }
    const { what_if: whatIf } = rejectedOf(explained(journalOf([hunt('a', 0.9)], setting)), 'a')
    expect(whatIf!.sentence).toBe(
      'No change of one component alone would have won. Without the open position p it wins and gets 9,963.61 (only_candidate).',
    )
    expect(whatIf!.changes.find(({ of }) => of === 'capital')!.sentence).toBe(
      'With an account of 9,963.62 instead of 9,963.61 it wins but gets only 0.01 (only_candidate).',
    )
  })
})

describe('arbitration explanation: sentences of a change', () => {
  test('arbitration explanation: page and JSON say the same sentence, and it ends in a full stop', () => {
    const settings = [
      journalOf([candidate('a', 0.9), candidate('b', 0.5)]),
      journalOf([candidate('b', 0.5, { capital_required: 12_000 })]),
      journalOf([candidate('a', 0.9), candidate('b', 0.5)], {
        open_positions: [{ event_id: 'p', event_type: 'LIQUIDATION_CASCADE', symbol: 'P', capital: 0 }],
      }),
    ]
    const sentences = settings.map((folder) => {
      const json = explained(folder)
      const { sentence } = rejectedOf(json, 'b').what_if!
      expect(oneLine(pageOf(json))).toContain(sentence)
      const event = oneLine(
        explanationText(
          explain(folder, 'b', () => {}),
          { columns: 80, isColoured: false },
        ),
      )
      expect(event).toContain(sentence)
      return sentence
    })
    expect(sentences).toEqual([
      'The smallest change of one component: with a priority score of 0.900000001 instead of 0.50 (+0.400000001) it wins and gets 10,000.00 (highest_score).',
      'No change of one component alone would have won. With a need of 10,000.00 instead of 12,000.00 it wins and gets 10,000.00 (only_candidate).',
      'Nothing that was tried would have won alone. Without the open position p and with a priority score of 0.900000001 instead of 0.50 (+0.400000001) it wins and gets 10,000.00 (highest_score).',
    ])
  })

  test('arbitration explanation: a change of one nanosecond has the digits that tell it', () => {
    const late = { detected_at_ns: now - 10n * s }
    const both = [
      candidate('a', 0.5, { ...late, waiting_since_ns: now }),
      candidate('b', 0.5, { ...late, waiting_since_ns: now }),
    ]
    const json = explained(journalOf(both))
    const change = rejectedOf(json, 'b').what_if!.changes.find(({ of }) => of === 'freshness')!
    expect(change.sentence).toContain('freshness of 0.8333333334 instead of 0.8333333333, detected 1 ns later, it wins')
  })
})

describe('arbitration explanation: the ranking', () => {
  const id = (symbol: string): string => `cascade_${symbol}_1781719199000`
  const both = ['BTC', 'AVAX'].map((symbol, at) => candidate(id(symbol), 0.9 - at / 10, { symbol }))

  test.each([
    [80, 'LIQUIDATION_CASCADE, tier 1, AVAX, short, ACTIVE'],
    [120, 'LIQUIDATION_CASCADE, tier 1, AVAX, short, ACTIVE'],
    [140, `${id('AVAX')} LIQU_CASC AVAX short ACTIVE 1`],
    [160, `${id('AVAX')} LIQUIDATION_CASCADE AVAX short ACTIVE 1`],
  ])('arbitration explanation: at %i columns each candidate has type, symbol, side and state', (columns, words) => {
    const text = pageOf(explained(journalOf(both)), columns)
    expect(oneLine(text)).toContain(words)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
  })
})
