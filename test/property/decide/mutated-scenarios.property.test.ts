/** Whatever is done to a scenario's text, the answer is a journal entry or one clear line: never a crash. */
import { expect, test } from 'vitest'
import { SignalboxError } from '../../../src/base/errors.ts'
import { Random } from '../../../src/base/random.ts'
import { arbitrate } from '../../../src/cli/arbitrate.ts'

const rich = `{
  "now_ns": 1737442838123456789, "capital": 10000.5, "regime": "expansion", "trading_state": "ACTIVE", "state_age_ms": 12.5,
  "open_positions": [{"event_id": "open_1", "event_type": "FUNDING_SNAPBACK", "symbol": "ETH", "capital": 3000.25}],
  "history": {"last_executed_type": "LIQUIDATION_CASCADE", "deficits": {"FAILED_HUNT": -12.5, "BASIS": 100}},
  "policy": {
    "selection": "portfolio", "weights": {"priority_score": 0.4, "freshness": 0.3}, "freshness_horizon_s": 60,
    "expected_value": "expectancy", "tiers": {"FAILED_HUNT": 1}, "types": {"BASIS": {"tier": 2}},
    "interlock": {"scope": "symbol", "compatible": [["FAILED_HUNT", "BASIS"]]}, "max_open_positions": 4,
    "max_positions_per_symbol": 2, "age_boost": {"cap": 0.3, "horizon_s": 120}, "max_wait_s": 120,
    "fair_queue": "deficit", "fair_queue_quantum": 0.1, "capital_slots": {"LIQUIDATION_CASCADE": 0.7, "*": 0.3},
    "capital_slots_borrow": "idle", "allocation": "floor", "min_priority_score": 0.1, "entry": "decision",
    "regime_table": {"BASIS": {"expansion": 0.5}}},
  "candidates": [
    {"event_id": "a", "event_type": "LIQUIDATION_CASCADE", "symbol": "BTC", "side": "short", "lifecycle_state": "COMPLETING",
     "priority_score": 0.85, "detected_at_ns": 1737442835123456789, "waiting_since_ns": 1737442835123456789,
     "expires_at_ns": 1737442935123456789, "regime_alignment": 1.0, "expected_value": 0.8, "capital_required": 500},
    {"event_id": "b", "event_type": "BASIS", "symbol": "BTC", "lifecycle_state": "ACTIVE", "priority_score": 0.7,
     "detected_at_ns": "1737442835123456789", "reward_risk": 2, "win_rate": 0.5, "capital_required": 0.01}]}`

const junk = [
  'null',
  '-1',
  '1.001',
  '1e999',
  '1e308',
  '-0',
  '99999999999999999999',
  '"x"',
  '""',
  '[]',
  '{}',
  'true',
  '1e-320',
]
const bytes = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '\n',
  '0',
  '9',
  '.',
  'e',
  '-',
  'n',
  ' ',
  '\u0000',
  'é',
  '\ud83d',
]

/** Replaces one value by junk, takes one key away, renames one, or damages the text. */
function mutated(text: string, random: Random): string {
  const pick = (list: readonly string[]): string => list[random.integer(0, list.length - 1)]!
  /** One of the pattern's places, if an earlier mutation left one. */
  const replaced = (pattern: RegExp, by: string): string => {
    const matches = [...text.matchAll(pattern)]
    if (matches.length === 0) return text
    const match = matches[random.integer(0, matches.length - 1)]!
    return text.slice(0, match.index) + by + text.slice(match.index + match[0].length)
  }
  switch (random.integer(0, 5)) {
    case 0:
      return replaced(/(?<=: )("[^"]*"|-?[\d.]+)/g, pick(junk))
    case 1:
      return replaced(/"\w+": ("[^"]*"|-?[\d.]+),?/g, '')
    case 2:
      return replaced(/"\w+"(?=:)/g, pick(['"x"', '"__proto__"', '"constructor"', '"event_id"', '"a\\nb"', '"*"']))
    case 3: {
      const at = random.integer(0, text.length)
      return text.slice(0, at) + pick(bytes) + text.slice(at + random.integer(0, 1))
    }
    case 4: {
      const at = random.integer(0, text.length)
      return text.slice(0, at) + text.slice(at + random.integer(1, 40))
    }
    default:
      return text.slice(0, random.integer(0, text.length))
  }
}

test('arbitrate: thousands of damaged scenarios give an entry or one line that names where', () => {
  const seed = 20_250_121
  const random = new Random(seed)
  const outcomes = { entries: 0, refused: 0 }
  expect(() => JSON.parse(arbitrate(rich, 'scenario.json'))).not.toThrow()
  for (let round = 0; round < 6000; round++) {
    let text = rich
    for (let times = random.integer(1, 2); times > 0; times--) text = mutated(text, random)
    try {
      const entry = JSON.parse(arbitrate(text, 'scenario.json'))
      expect(entry.capital_allocated).toBeGreaterThanOrEqual(0)
      expect(JSON.stringify(entry)).not.toMatch(/NaN|Infinity/)
      outcomes.entries++
    } catch (thrown) {
      const context = `seed ${seed}, round ${round}: ${String(thrown)}\n${text}`
      expect(thrown, context).toBeInstanceOf(SignalboxError)
      const error = thrown as SignalboxError
      expect(error.code, context).toBe('ERR_INPUT')
      expect(error.message, context).toMatch(/^scenario\.json(: [\w[\]".*\\-]+| line \d+, column \d+)?: [^\n]+$/)
      outcomes.refused++
    }
  }
  expect(outcomes.entries).toBeGreaterThan(300)
  expect(outcomes.refused).toBeGreaterThan(3000)
})
