/** Byte order, ranking, cliques, shares: the small pieces against naive ones. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareByteOrder } from '../../../src/decide/byte-order.ts'
import { millionthsOf } from '../../../src/decide/capital-pots.ts'
import { maximalCliques } from '../../../src/decide/cliques.ts'
import { candidate, decide, policyOf } from './support.ts'

describe('byte order', () => {
  test('byte order: the order of the bytes of UTF-8', () => {
    const letters = fc.constantFrom('a', 'b', 'é', 'z', '\ud7ff', '', '￿', '\u{10000}', '\u{1f600}', '\u{10ffff}')
    const text = fc.array(letters, { maxLength: 4 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareByteOrder(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('ranking', () => {
  test('ranking: any number of candidates, with many ties, as a plain sort has it', () => {
    const priorities = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 200, size: 'max' })
    fc.assert(
      fc.property(priorities, (values) => {
        const inputs = values.map((value, at) => candidate(`e${(at * 7919) % 100_003}`, { priorityScore: value / 5 }))
        const sorted = [...inputs].sort((a, b) => b.priorityScore - a.priorityScore || (a.eventId < b.eventId ? -1 : 1))
        const ranked = decide(policyOf({}), inputs).candidates.map((one) => one.eventId)
        expect(ranked).toEqual(sorted.map((one) => one.eventId))
      }),
      { numRuns: 300 },
    )
  })

  test('ranking: weights so great that different quanta share a double do not tie', () => {
    const policy = policyOf({ weights: { priority_score: 1e5, freshness: 0, regime_alignment: 0, expected_value: 0 } })
    // Their scores are neighbouring doubles; the one with the better detection time has the lower score.
    const decision = decide(policy, [
      candidate('lower', { priorityScore: 0.9, detectedAtNs: -1 }),
      candidate('higher', { priorityScore: 0.9000000000000001 }),
    ])
    expect(decision.candidates.map((one) => one.eventId)).toEqual(['higher', 'lower'])
    expect(decision.rejected[0]!.scoreDiff).toBeGreaterThan(0)
  })
})

describe('cliques', () => {
  test('cliques: all maximal ones, each once, as the subsets of small graphs say', () => {
    const graphs = fc.integer({ min: 1, max: 7 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        edges: fc.array(fc.boolean(), { minLength: count * count, maxLength: count * count }),
      }),
    )
    fc.assert(
      fc.property(graphs, ({ count, edges }) => {
        const adjacent = (a: number, b: number): boolean => edges[Math.min(a, b) * count + Math.max(a, b)]!
        const nodesOf = (bits: number): number[] =>
          Array.from({ length: count }, (_, at) => at).filter((at) => (bits >> at) & 1)
        const isClique = (bits: number): boolean =>
          nodesOf(bits).every((a) => nodesOf(bits).every((b) => a === b || adjacent(a, b)))
        const all = Array.from({ length: 2 ** count - 1 }, (_, at) => at + 1).filter(isClique)
        const maximal = all.filter((one) => !all.some((other) => other !== one && (other & one) === one))
        const found = maximalCliques(count, adjacent).map((row) => row.reduce((bits, is, at) => bits | (is << at), 0))
        expect([...found].sort((a, b) => a - b)).toEqual(maximal)
      }),
      { numRuns: 500 },
    )
  })
})

describe('capital pots', () => {
  test('capital pots: a share is exact for every amount below 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 1_000_000 }), (amount, millionths) => {
        expect(millionthsOf(amount, millionths)).toBe(Number((BigInt(amount) * BigInt(millionths)) / 1_000_000n))
      }),
      { numRuns: 5000 },
    )
  })
})
