import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLossless } from '../../../src/domain/lossless-json.ts'
import { regimes } from '../../../src/domain/regime.ts'
import { type NumberedWeightSet, weightSetText } from '../../../src/domain/weight-set.ts'
import { claimsToBeSet, parseWeightSet, weightSetLine } from '../../../src/domain/weight-set-codec.ts'

const weights = { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 }
const line = { version: 2, weights, by_regime: {}, at: '2026-06-17T18:00:00Z', reason: 'one step' }
const messageOf = (json: unknown): string => {
  try {
    parseWeightSet(json, 'weights.ndjson:3: ')
  } catch (thrown) {
    return (thrown as Error).message
  }
  return 'no error'
}

const weight = fc.double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true })
const someWeights = fc
  .record({ priorityScore: weight, freshness: weight, regimeAlignment: weight, expectedValue: weight })
  .filter((given) => Object.values(given).some((value) => value > 0))
const sets: fc.Arbitrary<NumberedWeightSet> = fc.record({
  version: fc.integer({ min: 2, max: 2 ** 40 }),
  weights: someWeights,
  byRegime: fc.record(
    { expansion: someWeights, contraction: someWeights, trend: someWeights, sideways: someWeights },
    { requiredKeys: [] },
  ),
  at: fc.constantFrom('2026-06-17T18:00:00Z', '2026-06-17T18:00:00.123456789+02:00', '2026-02-28T23:59Z'),
  reason: fc.constantFrom('a', 'eine Stufe, “so”', 'x'.repeat(500)),
  returnsTo: fc.constantFrom(null, 1),
})

describe('weight set lines', () => {
  it('are read back as the set that was written', () => {
    fc.assert(
      fc.property(sets, (set) => {
        const json = parseLossless(weightSetLine(set)) as Record<string, unknown>
        expect(claimsToBeSet(json)).toBe(true)
        const read = parseWeightSet(json, '')
        expect(JSON.stringify(read.weights)).toBe(JSON.stringify({ ...set.weights }).replaceAll('-0', '0'))
        expect({ ...read, weights: null, byRegime: null }).toEqual({ ...set, weights: null, byRegime: null })
        expect(Object.keys(read.byRegime).sort()).toEqual(Object.keys(set.byRegime).sort())
      }),
    )
  })

  it('may leave out the regimes and what is returned to, or say null', () => {
    const { by_regime: _, ...short } = line
    const expected = { version: 2, byRegime: {}, returnsTo: null, reason: 'one step' }
    expect(parseWeightSet(short, '')).toMatchObject(expected)
    expect(parseWeightSet({ ...line, by_regime: null, returns_to: null }, '')).toMatchObject(expected)
    expect(parseWeightSet({ ...line, by_regime: { trend: null } }, '').byRegime).toEqual({})
  })

  it.each([
    [{ ...line, version: 0 }, 'version: must be an integer ≥ 1, got 0'],
    [{ ...line, version: 1.5 }, 'version: must be an integer ≥ 1, got 1.5'],
    [{ ...line, version: 2n ** 60n }, 'version: must be an integer ≥ 1, got 1152921504606846976'],
    [{ ...line, version: '2' }, 'version: must be an integer ≥ 1, got "2"'],
    [
      { ...line, weights: { ...weights, freshness: -0.1 } },
      'weights.freshness: must be a number in 0 … 1000000000, got -0.1',
    ],
    [
      { ...line, weights: { ...weights, freshness: 1e308 } },
      'weights.freshness: must be a number in 0 … 1000000000, got 1e+308',
    ],
    [
      { ...line, weights: { ...weights, freshness: Number.NaN } },
      'weights.freshness: must be a number in 0 … 1000000000, got NaN',
    ],
    [
      { ...line, weights: { ...weights, freshness: undefined } },
      'weights.freshness: must be a number in 0 … 1000000000, got nothing',
    ],
    [{ ...line, weights: { ...weights, luck: 1 } }, 'weights.luck: unknown key'],
    [
      { ...line, weights: { priority_score: 0, freshness: 0, regime_alignment: 0, expected_value: 0 } },
      'weights: one of the weights must be above 0',
    ],
    [{ ...line, weights: [0.4] }, 'weights: must be an object, got a list'],
    [{ ...line, by_regime: { calm: weights } }, 'by_regime.calm: unknown key'],
    [{ ...line, by_regime: { trend: { ...weights, expected_value: -1 } } }, 'by_regime.trend.expected_value: must be'],
    [{ ...line, at: '17 June' }, 'at: must be a time as 2026-06-17T18:00:00Z, got "17 June"'],
    [{ ...line, at: '2026-02-30T00:00:00Z' }, 'at: must be a time'],
    [{ ...line, at: '2026-06-17T18:00:00' }, 'at: must be a time'],
    [{ ...line, at: 5 }, 'at: must be a time as 2026-06-17T18:00:00Z, got 5'],
    [{ ...line, reason: '' }, 'reason: must be text of 1 … 500 bytes'],
    [{ ...line, reason: 'x'.repeat(501) }, 'reason: must be text of 1 … 500 bytes'],
    [{ ...line, reason: 'red \u001b[31m' }, 'reason: must be text of 1 … 500 bytes'],
    [
      { ...line, reason: undefined },
      'reason: must be text of 1 … 500 bytes of UTF-8 without control characters, got nothing',
    ],
    [{ ...line, returns_to: 2 }, 'returns_to: must be an earlier version than 2, got 2'],
    [{ ...line, resaon: 'x' }, 'resaon: unknown key; reason is one'],
  ])('%#: what is wrong is said by its key', (json, message) => {
    expect(messageOf(json)).toContain(`weights.ndjson:3: ${message}`)
  })

  it('mutated, are read as a set that is written again as it was, or refused by a line that names the place', () => {
    const text = weightSetLine(parseWeightSet({ ...line, by_regime: { trend: weights } }, ''))
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.nat(8),
        fc.constantFrom('', '"', '0', '-', 'e9', '}', ',', 'null'),
        (at, cut, put) => {
          let json: unknown
          try {
            json = parseLossless(text.slice(0, at) + put + text.slice(at + cut))
          } catch {
            return
          }
          try {
            const set = parseWeightSet(json, 'here: ')
            expect(parseWeightSet(parseLossless(weightSetLine(set)), '')).toEqual(set)
            const all = [set.weights, ...regimes.flatMap((regime) => set.byRegime[regime] ?? [])]
            for (const one of all) {
              const values = Object.values(one)
              expect(values.every((value) => value >= 0 && value <= 1e9) && values.some((value) => value > 0)).toBe(
                true,
              )
            }
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'ERR_INPUT', message: expect.stringMatching(/^here: .+: /) })
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('are told from the other lines of the file', () => {
    expect(claimsToBeSet({ version: 2 })).toBe(true)
    expect(claimsToBeSet({ weights })).toBe(true)
    expect(claimsToBeSet({ by_regime: {}, at: '' })).toBe(true)
    expect(claimsToBeSet({ current: weights, in_sample: { weights }, by_regime: {} })).toBe(false)
    expect(claimsToBeSet({ challenger: { weights }, version: 1, at: '' })).toBe(false)
    expect(claimsToBeSet({})).toBe(false)
  })

  it('are one line for people', () => {
    const set = parseWeightSet({ ...line, version: 3, by_regime: { trend: weights, expansion: weights } }, '')
    expect(weightSetText({ ...set, weights: { ...set.weights, priorityScore: 0.391234567 } })).toBe(
      'weights 3: priority 0.3912, freshness 0.3, regime 0.2, expected value 0.1; own weights in expansion, trend (one step)',
    )
  })
})
