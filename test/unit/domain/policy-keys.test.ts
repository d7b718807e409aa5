/**
 * Every key of a policy file, wrong in every way that it can be: the one line that comes names the file, the key and what it must be.
 * A key that is added to the policy and not here fails the last test.
 */
import { describe, expect, test } from 'vitest'
import { SignalboxError } from '../../../src/base/errors.ts'
import { arbitrate } from '../../../src/cli/arbitrate.ts'
import { parseConfig } from '../../../src/config.ts'
import { defaultPolicy } from '../../../src/domain/policy.ts'
import { policyJson } from '../../../src/domain/policy-json.ts'
import { tuningJson } from '../../../src/domain/tuning-codec.ts'

const scenario = '{"now_ns": 1, "capital": 1, "candidates": []}'

/** What a policy file gives: the line of the error, the same from `arbitrate` and from a run's configuration; '' where it is accepted. */
function lineOf(text: string): string {
  const lines = [
    () => arbitrate(scenario, 'scenario.json', text, 'policy.json'),
    () => parseConfig(null, { text, name: 'policy.json' }),
  ].map((read) => {
    try {
      read()
      return ''
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(SignalboxError)
      expect((thrown as SignalboxError).code).toBe('ERR_INPUT')
      return (thrown as SignalboxError).message
    }
  })
  expect(lines[1]).toBe(lines[0])
  return lines[0]!
}

/** The text of a policy file with one value, written as it is given. */
function fileOf(keys: readonly string[], valueText: string): string {
  return keys.reduceRight((inner, key) => `{${JSON.stringify(key)}: ${inner}}`, valueText)
}

const place = (keys: readonly string[]): string => `policy.json: ${keys.join('.')}: `

interface Rule {
  readonly keys: readonly string[]
  /** What the line says of it, after `must be `. */
  readonly what: string
  /** The ends of its range, accepted, and what is just outside, refused; texts, as they stand in the file. */
  readonly good: readonly string[]
  readonly outside: readonly string[]
}

const fraction = { what: 'a number in 0 … 1', good: ['0', '1'], outside: ['-1e-300', '1.0000000000000002'] }
const positiveFraction = { what: 'a number > 0 and ≤ 1', good: ['1e-300', '1'], outside: ['0', '1.0000000000000002'] }
const notNegative = { what: 'a number ≥ 0', good: ['0', '1e300'], outside: ['-1e-300', '1e999'] }
const positive = { what: 'a number > 0', good: ['1e-300', '1e300'], outside: ['0', '-1', '1e999'] }
const count = { what: 'an integer ≥ 1', good: ['1', '64'], outside: ['0', '1.5', '9007199254740992', '1e999'] }
const tier = { what: 'an integer in 1 … 1000000', good: ['1', '1000000'], outside: ['0', '1000001', '1.5'] }
const wordsOf = (...words: string[]) => ({
  what: `one of ${words.join(', ')}`,
  good: words.map((word) => JSON.stringify(word)),
  outside: ['""', '"Score"', `"${words[0]} "`],
})

const seedMax = 4_294_967_295
const tuningRules: readonly (Omit<Rule, 'keys'> & { readonly key: string })[] = [
  { key: 'step', ...positiveFraction },
  { key: 'step_cap', ...positiveFraction },
  { key: 'step_every_days', what: 'a number in 0 … 36500', good: ['0', '36500'], outside: ['-1', '36500.1'] },
  { key: 'min_effective', what: 'a number ≥ 2', good: ['2', '1e300'], outside: ['1.9999999999999998', '1e999'] },
  { key: 'folds', what: 'an integer in 2 … 50', good: ['2', '50'], outside: ['1', '51', '2.5'] },
  { key: 'embargo_s', ...notNegative },
  { key: 'resamples', what: 'an integer in 100 … 100000', good: ['100', '100000'], outside: ['99', '100001'] },
  { key: 'block_length', what: 'a number ≥ 1', good: ['1', 'null', '2.5'], outside: ['0.9999999999999999', '1e999'] },
  { key: 'seed', what: `an integer in 0 … ${seedMax}`, good: ['0', `${seedMax}`], outside: ['-1', `${seedMax + 1}`] },
  { key: 'cscv_parts', what: 'an integer in 4 … 16', good: ['4', '16'], outside: ['3', '17', '4.5'] },
  { key: 'max_pbo', ...fraction },
  { key: 'min_deflated_sharpe', ...fraction },
  { key: 'max_reality_p', ...fraction },
  { key: 'change_cost', ...notNegative },
  { key: 'min_effect', ...notNegative },
  { key: 'false_promotion', ...positiveFraction },
  { key: 'signal', what: 'a number > 0 and ≤ 10', good: ['1e-300', '10'], outside: ['0', '10.000000000000002'] },
  { key: 'give_up_at', what: 'a number > 1', good: ['1.0000000000000002', '1e300'], outside: ['1', '1e999'] },
  { key: 'challenge_max', ...count },
]

const rules: readonly Rule[] = [
  { keys: ['selection'], ...wordsOf('score', 'hierarchy', 'portfolio') },
  { keys: ['weights', 'priority_score'], ...notNegative },
  { keys: ['weights', 'freshness'], ...notNegative },
  { keys: ['weights', 'regime_alignment'], ...notNegative },
  { keys: ['weights', 'expected_value'], ...notNegative },
  { keys: ['freshness_horizon_s'], ...positive },
  { keys: ['expected_value'], ...wordsOf('payoff', 'expectancy') },
  { keys: ['tiers', 'FAILED_HUNT'], ...tier },
  { keys: ['interlock', 'scope'], ...wordsOf('account', 'symbol') },
  { keys: ['max_open_positions'], ...count },
  { keys: ['max_positions_per_symbol'], ...count },
  { keys: ['age_boost', 'cap'], ...notNegative },
  { keys: ['age_boost', 'horizon_s'], ...positive },
  { keys: ['max_wait_s'], ...notNegative },
  { keys: ['fair_queue'], ...wordsOf('off', 'round_robin', 'deficit') },
  { keys: ['fair_queue_quantum'], ...positiveFraction },
  { keys: ['capital_slots', 'FAILED_HUNT'], ...fraction },
  { keys: ['capital_slots', '*'], ...fraction },
  { keys: ['capital_slots_borrow'], ...wordsOf('none', 'idle') },
  { keys: ['allocation'], ...wordsOf('proportional', 'floor', 'need') },
  { keys: ['risk_per_trade'], ...positiveFraction },
  { keys: ['leverage'], what: 'a number ≥ 1', good: ['1', '1000'], outside: ['0.9999999999999999', '-1', '1e999'] },
  { keys: ['min_priority_score'], ...fraction },
  { keys: ['entry'], what: 'one of decision, completing', good: ['"decision"'], outside: ['"now"', '""'] },
  { keys: ['max_state_age_ms'], ...notNegative },
  { keys: ['decision_interval_ms'], ...positive },
  { keys: ['types', 'BASIS', 'tier'], ...tier },
  ...['expansion', 'contraction', 'trend', 'sideways'].map((regime) => ({
    keys: ['regime_table', 'FAILED_HUNT', regime],
    ...fraction,
  })),
  ...tuningRules.map(({ key, ...rule }) => ({ keys: ['tuning', key], ...rule })),
]

/** The keys that hold others. */
const objects = [['weights'], ['tiers'], ['interlock'], ['age_boost'], ['capital_slots'], ['types'], ['types', 'BASIS']]
const allObjects = [...objects, ['regime_table'], ['regime_table', 'FAILED_HUNT'], ['tuning']]

/** Nothing that any key but the word keys takes: types that a value may be mistaken for. */
const otherTypes = ['true', '[]', '[1]', '{}', '"1"', '"NaN"', '"Infinity"']

describe('policy file: every key', () => {
  test.each(rules)(
    '$keys: its range is accepted to its ends, and nothing else: $what',
    ({ keys, what, good, outside }) => {
      for (const value of good) expect(lineOf(fileOf(keys, value)), value).toBe('')
      const isWord = what.startsWith('one of')
      for (const value of [...outside, ...otherTypes, ...(isWord ? ['1', '0'] : [])]) {
        const line = lineOf(fileOf(keys, value))
        expect(line.startsWith(`${place(keys)}must be ${what}, got `), `${value}: ${line}`).toBe(true)
        expect(line).not.toContain('\n')
      }
    },
  )

  test.each(rules)('$keys: text that is no JSON number is refused with its line and column', ({ keys }) => {
    for (const value of ['NaN', 'Infinity', '-Infinity', '.5', '0x1', '01', '+1', '1_000', 'undefined']) {
      expect(lineOf(fileOf(keys, value)), value).toMatch(/^policy\.json line 1, column \d+: /)
    }
  })

  test.each(allObjects.map((keys) => ({ keys })))('$keys: what is no object is refused', ({ keys }) => {
    for (const value of ['1', '"x"', 'true', '[]', '[{}]']) {
      expect(lineOf(fileOf(keys, value))).toContain(`${place(keys)}must be an object, got `)
    }
  })

  test('a key that nobody knows is named, however deep it lies, and before what it was meant to be', () => {
    const closed = [
      [],
      ['weights'],
      ['interlock'],
      ['age_boost'],
      ['types', 'BASIS'],
      ['regime_table', 'FAILED_HUNT'],
      ['tuning'],
    ]
    for (const keys of closed) {
      for (const key of ['colour', 'Weights', 'priorityScore', 'constructor', 'toString']) {
        expect(lineOf(fileOf([...keys, key], '1'))).toMatch(/^policy\.json: \S+: unknown key; /)
        expect(lineOf(fileOf([...keys, key], '1'))).toContain(`${place([...keys, key])}unknown key; `)
      }
      expect(lineOf(fileOf([...keys, '__proto__'], '1'))).toMatch(
        /^policy\.json line 1, column \d+: the key "__proto__" is not allowed$/,
      )
      expect(lineOf(fileOf([...keys, 'two words'], '1'))).toContain(
        `policy.json: ${keys.join('.')}["two words"]: unknown key; known: `,
      )
    }
    expect(lineOf('{"freshness_horizon": 60, "freshness_horizon_s": -1}')).toBe(
      'policy.json: freshness_horizon: unknown key; freshness_horizon_s is one',
    )
  })

  test('an odd number of parts cannot be halved', () => {
    expect(lineOf('{"tuning": {"cscv_parts": 5}}')).toBe('policy.json: tuning.cscv_parts: must be even')
  })

  test('a type that nobody declared is named wherever it stands', () => {
    for (const keys of [
      ['tiers', 'NOVA'],
      ['capital_slots', 'NOVA'],
    ]) {
      expect(lineOf(fileOf(keys, '1'))).toContain(`${place(keys)}"NOVA" is not an event type of this policy`)
    }
    expect(lineOf(fileOf(['regime_table', 'NOVA', 'trend'], '1'))).toContain(place(['regime_table', 'NOVA']))
    expect(lineOf('{"interlock": {"compatible": [["NOVA", "FAILED_HUNT"]]}}')).toContain(
      place(['interlock', 'compatible']),
    )
  })

  test('a pair of the interlock that is none is named by its number', () => {
    for (const pair of ['1', '"x"', '{}', '[]', '["FAILED_HUNT"]', '["FAILED_HUNT", "FAILED_HUNT", "FAILED_HUNT"]']) {
      const line = lineOf(`{"interlock": {"compatible": [["FAILED_HUNT", "FUNDING_SNAPBACK"], ${pair}]}}`)
      expect(line, pair).toBe('policy.json: interlock.compatible[1]: must be a list of two event types')
    }
    expect(lineOf('{"interlock": {"compatible": [["FAILED_HUNT", ""]]}}')).toContain(
      'policy.json: interlock.compatible[0][1]: must be text of 1 … 63 bytes of UTF-8, got ""',
    )
    expect(lineOf('{"interlock": {"compatible": {}}}')).toContain('interlock.compatible: must be a list, got an object')
  })

  test('none was forgotten: the rules above are the keys of a whole policy', () => {
    const declared = { ...defaultPolicy, types: { BASIS: { tier: 1 } } }
    const paths = (value: unknown, keys: readonly string[]): string[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).flatMap(([key, inner]) => paths(inner, [...keys, key]))
        : [keys.join('.')]
    const open = new Set(['tiers', 'capital_slots', 'regime_table'])
    const shape = (path: string): string => {
      const [first, second, ...rest] = path.split('.')
      if (second === undefined || !open.has(first!)) return path
      return [first, '…', ...rest].join('.')
    }
    const known = new Set([...rules.map(({ keys }) => shape(keys.join('.'))), 'interlock.compatible'])
    const whole = { ...policyJson(declared), capital_slots: { '*': 1 }, tuning: tuningJson(defaultPolicy.tuning) }
    expect(new Set(paths(whole, []).map(shape))).toEqual(known)
  })
})
