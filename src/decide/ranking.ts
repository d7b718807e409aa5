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

/** From so many candidates on a guess at the order pays for itself; and into how many buckets it puts them. */
const guessedFrom = 16
const bucketCount = 256

/** How many moves a candidate the guess may leave over before it counts as wrong. */
const movesPerCandidate = 4

/**
 * A sort of indices without allocation. For many candidates their order is guessed first, by where each one's quanta lie between the
 * least and the greatest; insertion then puts right what is wrong in it. A guess that is too wrong (nearly all in one bucket beside an
 * outlier) is given up for a bottom-up merge sort: so n·log₂ n comparisons whatever the input. Nearly all comparisons are of two
 * quanta, so those are made here; the rest of the order is asked for on a tie only.
 */
export class Ranking {
  readonly #scratch: Int32Array
  readonly #bucketOf: Uint8Array
  /** Where each bucket's next candidate goes; the one in front stays 0. */
  readonly #heads = new Int32Array(bucketCount + 1)

  constructor(capacity: number) {
    this.#scratch = new Int32Array(capacity)
    this.#bucketOf = new Uint8Array(capacity)
  }

  /** Fills `view.order` and `view.rankOf` from the scores in `view`. */
  rank(view: DecisionView, candidates: CandidateSet): void {
    const { order, rankOf } = view
    const count = candidates.count
    if (count >= guessedFrom) this.#guess(view, count)
    else for (let at = 0; at < count; at++) order[at] = at
    if (!insertionSort(view, candidates, 0, count, count * movesPerCandidate)) this.#mergeSort(view, candidates)
    for (let rank = 0; rank < count; rank++) rankOf[order[rank]!] = rank
  }

  /** A counting sort by bucket, greatest quanta first: some permutation whatever the quanta, near the order where they are spread. */
  #guess(view: DecisionView, count: number): void {
    const { order, q } = view
    const bucketOf = this.#bucketOf
    const heads = this.#heads
    let least = q[0]!
    let greatest = least
    for (let at = 1; at < count; at++) {
      least = Math.min(least, q[at]!)
      greatest = Math.max(greatest, q[at]!)
    }
    const perQuantum = (bucketCount - 1) / Math.max(1, greatest - least)
    heads.fill(0)
    for (let at = 0; at < count; at++) {
      // Where a difference is beyond all numbers the product is none, and its bucket the first.
      const bucket = ((greatest - q[at]!) * perQuantum) | 0
      bucketOf[at] = bucket
      heads[bucket + 1]!++
    }
    for (let bucket = 1; bucket < bucketCount; bucket++) heads[bucket]! += heads[bucket - 1]!
    for (let at = 0; at < count; at++) order[heads[bucketOf[at]!]!++] = at
  }

  #mergeSort(view: DecisionView, candidates: CandidateSet): void {
    const { order } = view
    const count = candidates.count
    for (let start = 0; start < count; start += runSize) {
      insertionSort(view, candidates, start, Math.min(start + runSize, count), Number.POSITIVE_INFINITY)
    }
    let from = order
    let to = this.#scratch
    for (let size = runSize; size < count; size *= 2) {
      for (let start = 0; start < count; start += 2 * size) {
        merge(view, candidates, from, to, start, Math.min(start + size, count), Math.min(start + 2 * size, count))
      }
      const swap = from
      from = to
      to = swap
    }
    if (from !== order) for (let at = 0; at < count; at++) order[at] = from[at]!
  }
}

/** Sorts `view.order[start … end − 1]`. False, with a permutation left there, when that takes more moves than allowed. */
function insertionSort(
  view: DecisionView,
  candidates: CandidateSet,
  start: number,
  end: number,
  movesMax: number,
): boolean {
  const { order, q } = view
  let moves = 0
  for (let next = start + 1; next < end; next++) {
    const own = order[next]!
    const qOwn = q[own]!
    let at = next
    while (at > start) {
      const before = order[at - 1]!
      const qBefore = q[before]!
      if (qOwn < qBefore || (qOwn === qBefore && !precedesOnTie(view, candidates, own, before))) break
      order[at] = before
      at--
    }
    order[at] = own
    moves += next - at
    if (moves > movesMax) return false
  }
  return true
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
  const q = view.q
  let left = start
  let right = middle
  for (let at = start; at < end; at++) {
    let takeLeft = right >= end
    if (left < middle && right < end) {
      const qLeft = q[from[left]!]!
      const qRight = q[from[right]!]!
      takeLeft = qLeft > qRight || (qLeft === qRight && precedesOnTie(view, candidates, from[left]!, from[right]!))
    }
    to[at] = takeLeft ? from[left++]! : from[right++]!
  }
}

/** Whether candidate `a` ranks before candidate `b`, of the same quanta. */
function precedesOnTie(view: DecisionView, candidates: CandidateSet, a: number, b: number): boolean {
  // Beyond 2^53 different quanta may share a double; different scores have different quanta there (see quantum.ts).
  if (view.q[a]! > Number.MAX_SAFE_INTEGER && view.score[a] !== view.score[b]) return view.score[a]! > view.score[b]!
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
