/** `arbitrate` on the worked cases beside the repository, and on the specification's own numbers, kept here. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { arbitrate } from '../../src/cli/arbitrate.ts'
import { describeWithShared } from '../support/shared.ts'

/** Every key of `expected` is in `actual` with its value; numbers to 1e-9 relative. */
function expectWithin(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected === 'number') {
    expect(typeof actual, path).toBe('number')
    expect(Math.abs((actual as number) - expected), path).toBeLessThanOrEqual(1e-9 * Math.abs(expected))
  } else if (Array.isArray(expected)) {
    expect((actual as unknown[]).length, `${path}.length`).toBe(expected.length)
    for (const [index, item] of expected.entries())
      expectWithin((actual as unknown[])[index], item, `${path}[${index}]`)
  } else if (typeof expected === 'object' && expected !== null) {
    for (const [key, value] of Object.entries(expected)) {
      expectWithin((actual as Record<string, unknown>)[key], value, `${path}.${key}`)
    }
  } else {
    expect(actual, path).toBe(expected)
  }
}

/** The `scenario` of a vector as its own text: a timestamp does not survive `JSON.parse`. */
function scenarioTextOf(vector: string): string {
  const start = vector.indexOf('{', vector.indexOf('"scenario"'))
  const end = vector.lastIndexOf('"expect"')
  return vector.slice(start, vector.lastIndexOf(',', end))
}

describeWithShared('arbitrate: the worked cases', (root) => {
  const folder = join(root, 'vectors', 'arbitrate')
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))

  test('the folder has cases', () => {
    expect(names.length).toBeGreaterThan(0)
  })

  test.each(names)('%s: every expected key has its value', (name) => {
    const vector = readFileSync(join(folder, name), 'utf8')
    const { expect: expected } = JSON.parse(vector) as { expect: Record<string, unknown> }
    expectWithin(JSON.parse(arbitrate(scenarioTextOf(vector), name)), expected, name)
  })
})

const noFairnessPolicy = { age_boost: null, max_wait_s: null }
const specificationCandidates = `[
  {"event_id": "cascade_BTC_1", "event_type": "LIQUIDATION_CASCADE", "symbol": "BTC", "side": "short",
   "lifecycle_state": "COMPLETING", "priority_score": 0.85, "detected_at_ns": 1737442835123456789,
   "regime_alignment": 1.0, "expected_value": 0.8, "capital_required": 5000},
  {"event_id": "snapback_ETH_1", "event_type": "FUNDING_SNAPBACK", "symbol": "ETH", "side": "short",
   "lifecycle_state": "ACTIVE", "priority_score": 0.70, "detected_at_ns": 1737442808123456789,
   "regime_alignment": 0.5, "expected_value": 0.6, "capital_required": 3000},
  {"event_id": "hunt_SOL_1", "event_type": "FAILED_HUNT", "symbol": "SOL", "side": "short",
   "lifecycle_state": "TRIGGERED", "priority_score": 0.60, "detected_at_ns": 1737442826123456789,
   "regime_alignment": 1.0, "expected_value": 0.5}
]`

function specification(policy: Record<string, unknown>, rest = ''): string {
  return `{"now_ns": 1737442838123456789, "capital": 10000, ${rest} "policy": ${JSON.stringify(policy)},
    "candidates": ${specificationCandidates}}`
}

describe('arbitrate: the specification', () => {
  test('test_arbitration_score_calculation', () => {
    const entry = JSON.parse(arbitrate(specification(noFairnessPolicy), 'specification'))
    const scores = entry.candidates.map((candidate: { event_id: string; score: number }) => [
      candidate.event_id,
      candidate.score,
    ])
    expect(scores).toEqual([
      ['cascade_BTC_1', 0.905],
      ['hunt_SOL_1', 0.73],
      ['snapback_ETH_1', 0.59],
    ])
    expect(entry.candidates[0].components).toEqual({ priority_score: 0.34, freshness: 0.285, regime: 0.2, ev: 0.08 })
    expect(entry.candidates[1].components).toEqual({ priority_score: 0.24, freshness: 0.24, regime: 0.2, ev: 0.05 })
    expect(entry.candidates[2].components).toEqual({ priority_score: 0.28, freshness: 0.15, regime: 0.1, ev: 0.06 })
    expect(entry.selected).toEqual(['cascade_BTC_1'])
    expect(entry.rejected_events[1]).toEqual({
      event_id: 'snapback_ETH_1',
      reason: 'lower_score',
      admissible: true,
      score_diff: 0.315,
      blocked_by: null,
    })
  })

  test('the whole journal entry, byte for byte', () => {
    expect(arbitrate(specification(noFairnessPolicy), 'specification')).toBe(
      '{"timestamp":1737442838123456789,"arbitration_id":"arb_20250121_070038_000001","sequence":1,"weights_version":1,' +
        '"state_version":0,"candidates":[' +
        '{"event_id":"cascade_BTC_1","event_type":"LIQUIDATION_CASCADE","symbol":"BTC","priority_score":0.85,' +
        '"freshness":0.95,"regime_alignment":1,"expected_value":0.8,' +
        '"components":{"priority_score":0.34,"freshness":0.285,"regime":0.2,"ev":0.08},' +
        '"base_score":0.905,"age_bonus":0,"score":0.905,"tier":1,"rank":1},' +
        '{"event_id":"hunt_SOL_1","event_type":"FAILED_HUNT","symbol":"SOL","priority_score":0.6,' +
        '"freshness":0.8,"regime_alignment":1,"expected_value":0.5,' +
        '"components":{"priority_score":0.24,"freshness":0.24,"regime":0.2,"ev":0.05},' +
        '"base_score":0.73,"age_bonus":0,"score":0.73,"tier":2,"rank":2},' +
        '{"event_id":"snapback_ETH_1","event_type":"FUNDING_SNAPBACK","symbol":"ETH","priority_score":0.7,' +
        '"freshness":0.5,"regime_alignment":0.5,"expected_value":0.6,' +
        '"components":{"priority_score":0.28,"freshness":0.15,"regime":0.1,"ev":0.06},' +
        '"base_score":0.59,"age_bonus":0,"score":0.59,"tier":3,"rank":3}],' +
        '"admissible_count":3,"selected":["cascade_BTC_1"],"selection_reason":"highest_score","rejected_events":[' +
        '{"event_id":"hunt_SOL_1","reason":"lower_score","admissible":true,"score_diff":0.175,"blocked_by":null},' +
        '{"event_id":"snapback_ETH_1","reason":"lower_score","admissible":true,"score_diff":0.315,"blocked_by":null}],' +
        '"allocations":[{"event_id":"cascade_BTC_1","capital":10000,"reservation_status":"NOT_ATTEMPTED"}],' +
        '"capital_allocated":10000,"capital_unallocated":0,"reservation_status":"NOT_ATTEMPTED"}',
    )
  })

  test('strategy 3: 6,053.51 and 3,946.49, to the cent (E15)', () => {
    const policy = { ...noFairnessPolicy, selection: 'portfolio', interlock: null, max_open_positions: 2 }
    const entry = JSON.parse(arbitrate(specification({ ...policy, min_priority_score: 0.65 }), 'specification'))
    expect(entry.allocations.map((allocation: { capital: number }) => allocation.capital)).toEqual([6053.51, 3946.49])
    expect(entry.capital_unallocated).toBe(0)
  })

  test('strategy 2: an open cascade keeps every other type out', () => {
    const open = '{"event_id": "cascade_BTC_0", "event_type": "LIQUIDATION_CASCADE", "symbol": "BTC", "capital": 5000}'
    const scenario = specification({ ...noFairnessPolicy, max_open_positions: 3 }, `"open_positions": [${open}],`)
    const entry = JSON.parse(arbitrate(scenario, 'specification'))
    expect(entry.rejected_events).toEqual([
      {
        event_id: 'cascade_BTC_1',
        reason: 'slot_taken',
        admissible: false,
        score_diff: null,
        blocked_by: 'cascade_BTC_0',
      },
      {
        event_id: 'hunt_SOL_1',
        reason: 'interlocked',
        admissible: false,
        score_diff: null,
        blocked_by: 'cascade_BTC_0',
      },
      {
        event_id: 'snapback_ETH_1',
        reason: 'interlocked',
        admissible: false,
        score_diff: null,
        blocked_by: 'cascade_BTC_0',
      },
    ])
    expect(entry.selection_reason).toBe('none_admissible')
    expect(entry.capital_unallocated).toBe(5000)
  })
})

describe('arbitrate: times', () => {
  const detectedAt = (first: string, second: string): string[] => {
    const event = (id: string, at: string): string =>
      `{"event_id": "${id}", "event_type": "FAILED_HUNT", "symbol": "BTC", "lifecycle_state": "ACTIVE",
        "priority_score": 0.5, "regime_alignment": 1, "expected_value": 0.5, "detected_at_ns": ${at}}`
    const text = `{"now_ns": 1737442838123456789, "capital": 1, "candidates": [${event('b', first)}, ${event('a', second)}]}`
    return JSON.parse(arbitrate(text, '')).candidates.map((candidate: { event_id: string }) => candidate.event_id)
  }

  test('a nanosecond decides at an age of 55 years', () => {
    expect(detectedAt('1', '2')).toEqual(['b', 'a'])
    expect(detectedAt('2', '1')).toEqual(['a', 'b'])
  })

  test('the future is now, however far: the id decides', () => {
    expect(detectedAt('8737442838123456789', '9137442838123456790')).toEqual(['a', 'b'])
    expect(detectedAt('1737442838123456789', '9137442838123456790')).toEqual(['a', 'b'])
  })
})

describe('arbitrate: --policy', () => {
  test('overrides the scenario’s policy key by key', () => {
    const scenario = specification({ ...noFairnessPolicy, weights: { freshness: 0 } })
    const entry = JSON.parse(arbitrate(scenario, 's.json', '{"weights": {"priority_score": 0}}', 'p.json'))
    expect(entry.candidates[0].components).toEqual({ priority_score: 0, freshness: 0, regime: 0.2, ev: 0.08 })
  })

  test('an error in it names its file and key', () => {
    expect(() => arbitrate(specification({}), 's.json', '{"weights": {"freshnes": 0}}', 'p.json')).toThrow(
      'p.json: weights.freshnes: unknown key; freshness is one',
    )
    expect(() => arbitrate(specification({}), 's.json', '{"tiers": {"NOVA": 1}}', 'p.json')).toThrow(
      'p.json: tiers.NOVA: ',
    )
    expect(() => arbitrate(specification({ tiers: { NOVA: 1 } }), 's.json', '{}', 'p.json')).toThrow(
      's.json: policy.tiers.NOVA: ',
    )
  })
})
