/**
 * Damaged scenarios and policies, and what may be demanded of the parser: a journal entry in which everything that was written down
 * holds, or one line that names where. Seeded; a failure prints seed, round and text.
 */
import { SignalboxError } from '../../../src/base/errors.ts'
import { Random } from '../../../src/base/random.ts'
import { arbitrate } from '../../../src/cli/arbitrate.ts'
import { parseLossless } from '../../../src/domain/lossless-json.ts'
import { mergePolicySources, type PolicySource, parsePolicyOverride } from '../../../src/domain/policy-codec.ts'
import { policyJsonText } from '../../../src/domain/policy-json.ts'
import { openScenario, parseScenario } from '../../../src/domain/scenario-codec.ts'
import { inputText } from '../../support/journal-text.ts'

const policyText = `{
    "selection": "portfolio", "weights": {"priority_score": 0.4, "freshness": 0.3}, "freshness_horizon_s": 60,
    "expected_value": "expectancy", "tiers": {"FAILED_HUNT": 1}, "types": {"BASIS": {"tier": 2}},
    "interlock": {"scope": "symbol", "compatible": [["FAILED_HUNT", "BASIS"]]}, "max_open_positions": 4,
    "max_positions_per_symbol": 2, "age_boost": {"cap": 0.3, "horizon_s": 120}, "max_wait_s": 120,
    "fair_queue": "deficit", "fair_queue_quantum": 0.1, "capital_slots": {"LIQUIDATION_CASCADE": 0.7, "*": 0.3},
    "capital_slots_borrow": "idle", "allocation": "floor", "min_priority_score": 0.1, "entry": "decision",
    "risk_per_trade": 0.02, "leverage": 3, "max_state_age_ms": 500, "decision_interval_ms": 50,
    "regime_table": {"BASIS": {"expansion": 0.5}}}`

/** A scenario that has every key, its policy but for the policy's own file. */
export const richScenario = `{
  "now_ns": 1737442838123456789, "capital": 10000.5, "regime": "expansion", "trading_state": "ACTIVE", "state_age_ms": 12.5,
  "open_positions": [{"event_id": "open_1", "event_type": "FUNDING_SNAPBACK", "symbol": "ETH", "capital": 3000.25}],
  "history": {"last_executed_type": "LIQUIDATION_CASCADE", "deficits": {"FAILED_HUNT": -12.5, "BASIS": 100}},
  "policy": ${policyText},
  "candidates": [
    {"event_id": "a", "event_type": "LIQUIDATION_CASCADE", "symbol": "BTC", "side": "short", "lifecycle_state": "COMPLETING",
     "priority_score": 0.85, "detected_at_ns": 1737442835123456789, "waiting_since_ns": 1737442835123456789,
     "expires_at_ns": 1737442935123456789, "regime_alignment": 1.0, "expected_value": 0.8, "capital_required": 500},
    {"event_id": "b", "event_type": "BASIS", "symbol": "BTC", "lifecycle_state": "ACTIVE", "priority_score": 0.7,
     "detected_at_ns": "1737442835123456789", "reward_risk": 2, "win_rate": 0.5, "capital_required": 0.01}]}`

const junk = ['null', '-1', '1.001', '1e999', '1e308', '-0', '99999999999999999999', '"x"', '""', '[]', '{}', 'true']
const oddNumbers = ['1e-320', '0', '1', '2', '0.5', '3.5', '0.005', '1.0000000000000002', 'NaN', '"NaN"']
const values = [...junk, ...oddNumbers]
const keys = ['"x"', '"__proto__"', '"constructor"', '"event_id"', '"a\\nb"', '"*"', '"tier"', '"BASIS"']
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

/** Replaces one value, takes one key away, renames one, says one twice, or damages the text. */
function mutated(text: string, random: Random): string {
  const pick = (list: readonly string[]): string => list[random.integer(0, list.length - 1)]!
  /** One of the pattern's places, if an earlier mutation left one. */
  const replaced = (pattern: RegExp, by: (found: string) => string): string => {
    const matches = [...text.matchAll(pattern)]
    if (matches.length === 0) return text
    const match = matches[random.integer(0, matches.length - 1)]!
    return text.slice(0, match.index) + by(match[0]) + text.slice(match.index + match[0].length)
  }
  switch (random.integer(0, 7)) {
    case 0:
    case 1:
      return replaced(/(?<=: )("[^"]*"|-?[\d.]+)/g, () => pick(values))
    case 2:
      return replaced(/"\w+": ("[^"]*"|-?[\d.]+),?/g, () => '')
    case 3:
      return replaced(/"\w+"(?=:)/g, () => pick(keys))
    case 4:
      return replaced(/"\w+": ("[^"]*"|-?[\d.]+),/g, (found) => found + found)
    case 5: {
      const at = random.integer(0, text.length)
      return text.slice(0, at) + pick(bytes) + text.slice(at + random.integer(0, 1))
    }
    case 6: {
      const at = random.integer(0, text.length)
      return text.slice(0, at) + text.slice(at + random.integer(1, 40))
    }
    default:
      return text.slice(0, random.integer(0, text.length))
  }
}

export interface MutationOutcomes {
  /** Accepted, and everything in them held. */
  readonly entries: number
  /** Refused with a line that names a key. */
  readonly byKey: number
  /** Refused with a line that names line and column: it is no JSON. */
  readonly byPlace: number
}

/** One or two mutations a round, of a scenario with its policy or, every third round, of a policy file beside a sound scenario. */
export function playMutations(seed: number, rounds: number): MutationOutcomes {
  const random = new Random(seed)
  const outcomes = { entries: 0, byKey: 0, byPlace: 0 }
  for (let round = 0; round < rounds; round += 1) {
    const isPolicy = round % 3 === 0
    let text = isPolicy ? policyText : richScenario
    for (let times = random.integer(1, 2); times > 0; times -= 1) text = mutated(text, random)
    const scenario = isPolicy ? richScenario : text
    const context = (): string => `seed ${seed}, round ${round}:\n${text}`
    let line: string
    try {
      line = isPolicy ? arbitrate(scenario, 'scenario.json', text, 'policy.json') : arbitrate(scenario, 'scenario.json')
    } catch (thrown) {
      outcomes[placeOf(thrown, text, context)] += 1
      continue
    }
    // As a name it may be somebody's; as a number it is no JSON.
    if (/[:[,](NaN|-?Infinity|undefined)/.test(line)) throw new Error(`an entry with ${line}: ${context()}`)
    const lost = unhonoured(scenario, isPolicy ? text : null)
    if (lost !== null) throw new Error(`${lost} was accepted and does not hold: ${context()}`)
    outcomes.entries += 1
  }
  return outcomes
}

/** What kind of place the one line names; anything else that was thrown is a failure. */
function placeOf(thrown: unknown, text: string, context: () => string): 'byKey' | 'byPlace' {
  if (!(thrown instanceof SignalboxError) || thrown.code !== 'ERR_INPUT') {
    throw new Error(`${String(thrown)}: ${context()}`, { cause: thrown })
  }
  const { message } = thrown
  if (/^(scenario|policy)\.json line \d+, column \d+: [^\n]+$/.test(message)) return 'byPlace'
  const named = /^(?:scenario|policy)\.json: ((?:\.?[\w*-]+|\[\d+\]|\["[^\n]*?"\])+): [^\n]+$/.exec(message)
  const isWhole = /^(scenario|policy)\.json: must be an object, got [^\n]+$/.test(message)
  if (named === null && !isWhole) throw new Error(`a line without a key, ${message}: ${context()}`)
  // Who reads the line finds the key: it is in the text, or it is one that is missed there.
  for (const [, bare, quoted] of (named?.[1] ?? '').matchAll(/([\w*-]*[A-Za-z_*][\w*-]*)|\["([^\n]*?)"\]/g)) {
    const isThere =
      bare === undefined
        ? quoted!.endsWith('…') || text.includes(quoted!) || text.includes(JSON.parse(`"${quoted}"`) as string)
        : text.includes(bare) || richScenario.includes(`"${bare}"`)
    if (!isThere) throw new Error(`a key that is nowhere, ${message}: ${context()}`)
  }
  return 'byKey'
}

/**
 * Never a silent default: what an accepted text says must stand in what it was read as. Returns the first value that does not.
 *
 * What was read is written out again by the journal's own writer of inputs, and walked key by key beside what was given.
 */
function unhonoured(scenarioText: string, policyFileText: string | null): string | null {
  const given = parseLossless(scenarioText, 's') as Record<string, unknown>
  const raw = openScenario(given, '')
  const sources: PolicySource[] = [{ override: raw.policy, path: '' }]
  const policyFile = policyFileText === null ? null : parseLossless(policyFileText, 'p')
  if (policyFile !== null) sources.push({ override: parsePolicyOverride(policyFile, ''), path: '' })
  const policy = mergePolicySources(sources)
  const scenario = parseScenario(raw, policy)
  const written = parseLossless(inputText('a', scenario, policyJsonText(policy))) as {
    scenario: Record<string, unknown>
  }
  const { policy: held, ...body } = written.scenario
  const { policy: givenPolicy, ...givenBody } = given
  const heldTypes = (held as { types: Record<string, { tier: number }> }).types
  const ownTiers = Object.fromEntries(Object.entries(heldTypes).map(([type, own]) => [type, own.tier]))
  const heldTiers = { ...ownTiers, ...(held as { tiers: Record<string, number> }).tiers }
  const asHeld = { ...(held as Record<string, unknown>), tiers: heldTiers }
  const lastPolicy = policyFile ?? givenPolicy
  return firstLost(givenBody, body, '') ?? firstLost(lastPolicy ?? {}, asHeld, 'policy')
}

/** Given in one way and told in another: what they make is in the codec's own tests. */
const madeFrom = new Set(['reward_risk', 'win_rate', 'last_executed_type', 'types'])

function firstLost(given: unknown, held: unknown, path: string): string | null {
  if (given === null) return null
  if (Array.isArray(given)) {
    if (!Array.isArray(held) || held.length !== given.length) return path
    return given.reduce<string | null>((lost, item, at) => lost ?? firstLost(item, held[at], `${path}[${at}]`), null)
  }
  if (typeof given === 'object') {
    if (typeof held !== 'object' || held === null) return path
    for (const [key, value] of Object.entries(given)) {
      if (madeFrom.has(key)) continue
      // A memory of nothing is no memory.
      if (path === '.history.deficits' && value === 0) continue
      const lost = firstLost(
        value,
        Object.hasOwn(held, key) ? (held as Record<string, unknown>)[key] : undefined,
        `${path}.${key}`,
      )
      if (lost !== null) return lost
    }
    return null
  }
  if (path.endsWith('_ns')) return BigInt(given as string | number) === BigInt(held as number) ? null : path
  return given === held || (given === 0 && held === 0) ? null : `${path} ${String(given)}`
}
