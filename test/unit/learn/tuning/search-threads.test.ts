/** The weight search on threads: the same bytes for any number of them, progress, giving up, a thread that dies. */
import { describe, expect, it } from 'vitest'
import { type SearchProgress, searchInThreads } from '../../../../dist/learn/tuning/search-threads.js'
import { gridLattice, simplexLattice } from '../../../../src/learn/tuning/weight-lattice.ts'
import { percentsOf, searchWeights } from '../../../../src/learn/tuning/weight-search.ts'
import { madeUpKinds, madeUpSet } from '../../../support/arbitration-sets.ts'

const specified = { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 }
/** More than is searched on the caller's thread. */
const many = { grid: 60_000, simplex: 400 }
const finest = { grid: gridLattice, simplex: simplexLattice(1) }

describe('search in threads', () => {
  for (const space of ['grid', 'simplex'] as const) {
    for (const pnl of ['cents', 'any'] as const) {
      it(`${space}, pnl in ${pnl}: the same result for 1, 2, 3 and 7 threads, that of the plain search`, async () => {
        const set = madeUpSet(madeUpKinds[1]!, 6, many[space], pnl)
        const plain = searchWeights(set, finest[space], specified)
        for (const threads of [1, 2, 3, 7]) {
          expect(await searchInThreads(set, space, percentsOf(specified), { threads })).toEqual(plain)
        }
      })
    }
  }

  it('tells how far it is: the fraction never falls and ends at 1, the best is that of the finest lattice so far', async () => {
    const set = madeUpSet('at random', 2, many.simplex)
    const told: SearchProgress[] = []
    const progress = (each: SearchProgress): number => told.push(each)
    const found = await searchInThreads(set, 'simplex', percentsOf(specified), { threads: 2, progress })
    for (const [index, { fraction }] of told.entries()) {
      expect(fraction).toBeGreaterThanOrEqual(told[index - 1]?.fraction ?? 0)
    }
    expect(told.at(-1)).toEqual({ fraction: 1, best: found })
    expect([...new Set(told.map(({ best }) => best?.combinations ?? 0))]).toEqual([0, 286, 1_771, 176_851])
  })

  it('searches a small set, and an empty one, without threads', async () => {
    const set = madeUpSet('at random', 2, 100)
    const options = { threads: 64 }
    expect(await searchInThreads(set, 'simplex', percentsOf(specified), options)).toEqual(
      searchWeights(set, simplexLattice(1), specified),
    )
    const empty = madeUpSet('at random', 2, 0)
    expect(await searchInThreads(empty, 'grid', percentsOf(specified), options)).toMatchObject({
      weights: [40, 30, 20, 10],
    })
  })

  it('gives up when it is told to: before, amid, on one thread and on two', async () => {
    const set = madeUpSet('at random', 2, many.simplex)
    expect(await searchInThreads(set, 'simplex', percentsOf(specified), { signal: AbortSignal.abort() })).toBeNull()
    for (const threads of [1, 2]) {
      const giveUp = new AbortController()
      let told = 0
      const progress = (): void => {
        told += 1
        if (told === 2) giveUp.abort()
      }
      expect(
        await searchInThreads(set, 'simplex', percentsOf(specified), { threads, progress, signal: giveUp.signal }),
      ).toBeNull()
    }
  })

  it('a thread that dies is an error and ends the others', async () => {
    const set = madeUpSet('at random', 2, many.grid)
    const first = set.first.slice()
    // Too many candidates of one arbitration, far behind the first chunks.
    first.fill(first[59_000]! + 400, 59_001)
    const broken = { ...set, first }
    await expect(searchInThreads(broken, 'grid', percentsOf(specified), { threads: 2 })).rejects.toMatchObject({
      code: 'ERR_IO',
      message: 'a thread of the weight search died: arbitration 59000 has 400 candidates',
    })
  })

  it('what progress throws ends it', async () => {
    const set = madeUpSet('at random', 2, many.grid)
    const progress = (): void => {
      throw new TypeError('no more')
    }
    for (const threads of [1, 2]) {
      await expect(searchInThreads(set, 'grid', percentsOf(specified), { threads, progress })).rejects.toThrow(
        'no more',
      )
    }
  })

  it('takes 1 to 64 threads', async () => {
    const set = madeUpSet('at random', 2, 5)
    for (const threads of [0, 1.5, 65, Number.NaN]) {
      await expect(searchInThreads(set, 'grid', percentsOf(specified), { threads })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
        field: 'threads',
      })
    }
  })
})
