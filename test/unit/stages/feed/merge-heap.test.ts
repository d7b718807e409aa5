import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MergeHeap } from '../../../../src/stages/feed/merge-heap.ts'

test('merge heap: sources come out by head, then rank, and the runner-up is the one that would come next', () => {
  const streams = fc.array(
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 })
      .map((heads) => heads.sort((a, b) => a - b)),
    { minLength: 1, maxLength: 12 },
  )
  fc.assert(
    fc.property(streams, (sources) => {
      const heap = new MergeHeap(sources.length)
      const cursors = sources.map(() => 0)
      for (const [rank, heads] of sources.entries()) heap.push(rank, heads[0]!)
      const oracle = sources.flatMap((heads, rank) => heads.map((head) => ({ head, rank })))
      oracle.sort((a, b) => a.head - b.head || a.rank - b.rank)
      for (const [index, { head, rank }] of oracle.entries()) {
        expect(heap.top).toBe(rank)
        expect(heap.headOf(rank)).toBe(head)
        const nextOfOther = oracle.slice(index + 1).find((entry) => entry.rank !== rank)
        expect(heap.runnerUp).toBe(nextOfOther === undefined ? -1 : nextOfOther.rank)
        cursors[rank]! += 1
        const next = sources[rank]![cursors[rank]!]
        if (next === undefined) heap.popTop()
        else heap.replaceTop(next)
      }
      expect(heap.top).toBe(-1)
    }),
    { seed: 4, numRuns: 500 },
  )
})
