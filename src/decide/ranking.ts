/**
 * Ranking: the total order of ERRATA E10. Adjusted score (by its quanta) descending, priority score descending, tier
 * ascending, detected-at ascending (the future counts as now), event id ascending in byte order. Ids are unique, so no two
 * candidates tie and the result does not depend on the order of the input. Pure; called by the arbiter.
 */

import { compareByteOrder } from './byte-order.ts'
import type { CandidateSet } from './candidate-set.ts'
import type { DecisionView } from './decision-view.ts'

/** Runs of this length are sorted by insertion, then merged: below it insertion wins. */
const runSize = 8

/** A bottom-up merge sort of indices: at most n·log₂ n comparisons whatever the input, no allocation. */
export class Ranking {
  readonly #scratch: Int32Array

  constructor(capacity: number) {
    this.#scratch = new Int32Array(capacity)
  }

  /** Fills `view.order` and `view.rankOf` from the scores in `view`. */
  rank(view: DecisionView, candidates: CandidateSet): void {
    const count = candidates.count
    for (let start = 0; start < count; start += runSize) {
      insertionSort(view, candidates, start, Math.min(start + runSize, count))
    }
    let from = view.order
    let to = this.#scratch
    for (let size = runSize; size < count; size *= 2) {
      for (let start = 0; start < count; start += 2 * size) {
        merge(view, candidates, from, to, start, Math.min(start + size, count), Math.min(start + 2 * size, count))
      }
      const swap = from
      from = to
      to = swap
    }
    if (from !== view.order) for (let at = 0; at < count; at++) view.order[at] = from[at]!
    for (let rank = 0; rank < count; rank++) view.rankOf[view.order[rank]!] = rank
  }
}

/** Sorts the indices `start … end − 1` into `view.order[start … end − 1]`. */
function insertionSort(view: DecisionView, candidates: CandidateSet, start: number, end: number): void {
  const order = view.order
  for (let next = start; next < end; next++) {
    let at = next
    while (at > start && precedes(view, candidates, next, order[at - 1]!)) {
      order[at] = order[at - 1]!
      at--
    }
    order[at] = next
  }
}

function merge(
  view: DecisionView,
  candidates: CandidateSet,
  from: Int32Array,
  to: Int32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let left = start
  let right = middle
  for (let at = start; at < end; at++) {
    const takeLeft = left < middle && (right >= end || precedes(view, candidates, from[left]!, from[right]!))
    to[at] = takeLeft ? from[left++]! : from[right++]!
  }
}

/** Whether candidate `a` ranks before candidate `b`. */
function precedes(view: DecisionView, candidates: CandidateSet, a: number, b: number): boolean {
  const qA = view.q[a]!
  const qB = view.q[b]!
  if (qA !== qB) return qA > qB
  // Beyond 2^53 different quanta may share a double; different scores have different quanta there (see quantum.ts).
  if (qA > Number.MAX_SAFE_INTEGER && view.score[a] !== view.score[b]) return view.score[a]! > view.score[b]!
  const priorityA = candidates.priorityScore[a]!
  const priorityB = candidates.priorityScore[b]!
  if (priorityA !== priorityB) return priorityA > priorityB
  if (view.tier[a] !== view.tier[b]) return view.tier[a]! < view.tier[b]!
  if (view.ageNs[a] !== view.ageNs[b]) return view.ageNs[a]! > view.ageNs[b]!
  const restA = candidates.detectedAtRestNs[a]!
  const restB = candidates.detectedAtRestNs[b]!
  if (restA !== restB) return restA < restB
  return compareByteOrder(candidates.ids[a]!, candidates.ids[b]!) < 0
}
