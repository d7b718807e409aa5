/** Ranking: the order does not depend on how it is found (a guess put right by insertion, or a merge sort when the guess was wrong). */
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/base/random.ts'
import { CandidateSet } from '../../../src/decide/candidate-set.ts'
import { DecisionView } from '../../../src/decide/decision-view.ts'
import { Ranking } from '../../../src/decide/ranking.ts'

/** Candidates that differ in their ids alone, and a view with these quanta. */
function ranked(quanta: readonly number[]): { readonly order: number[]; readonly rankOf: number[] } {
  const count = quanta.length
  const candidates = new CandidateSet(count)
  for (let index = 0; index < count; index += 1) {
    candidates.add({
      eventId: `e${String(index).padStart(5, '0')}`,
      typeIndex: 0,
      symbolIndex: 0,
      lifecycleState: 0,
      priorityScore: 0.5,
      regimeAlignment: 1,
      expectedValue: 0.5,
      detectedAtNs: 0,
      waitingSinceNs: 0,
      expiresAtNs: Number.POSITIVE_INFINITY,
      capitalRequiredMinor: 0,
      lotCapitalMinor: 0,
    })
  }
  const view = new DecisionView(count, 1)
  view.reset(count)
  view.q.set(quanta)
  view.score.set(quanta)
  new Ranking(count).rank(view, candidates)
  return { order: [...view.order], rankOf: [...view.rankOf] }
}

/** What the language's own sort says: greatest quanta first, then the id, which is the index here. */
function expected(quanta: readonly number[]): number[] {
  return [...quanta.keys()].sort((a, b) => (quanta[a] === quanta[b] ? a - b : quanta[a]! > quanta[b]! ? -1 : 1))
}

const shapes: readonly (readonly [string, (random: Random, at: number, count: number) => number])[] = [
  ['spread evenly', (random) => random.integer(0, 1_300_000_000_000)],
  ['nearly all alike, beside one outlier', (random, at) => (at === 3 ? 9e15 : random.integer(0, 1_000))],
  ['of five values', (random) => random.integer(0, 4) * 1e11],
  ['all the same', () => 7e11],
  ['ascending', (_, at) => at],
  ['descending', (_, at, count) => count - at],
  ['further apart than any number', (random, at) => (at === 0 ? Number.POSITIVE_INFINITY : random.fraction() * 1e308)],
]

describe('ranking', () => {
  test.each(shapes)('ranking: quanta %s come in the order of an ordinary sort', (_, draw) => {
    const random = new Random(1_729)
    for (const count of [1, 2, 7, 8, 9, 15, 16, 17, 33, 100, 257, 1_000]) {
      const quanta = Array.from({ length: count }, (_, at) => draw(random, at, count))
      const { order, rankOf } = ranked(quanta)
      expect(order).toEqual(expected(quanta))
      for (const [rank, at] of order.entries()) expect(rankOf[at]).toBe(rank)
    }
  })
})
