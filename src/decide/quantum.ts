/**
 * The score's quantum: what compares scores compares q = round(score × 10¹²), halves up (CONTRACTS, "The decision, exactly",
 * step 2). Pure; any thread.
 *
 * Weights may be any finite numbers, so q may pass 2^53. The rule, for every finite score ≥ 0:
 *
 *  - While the product score × 10¹² is below 2^52 it is taken in double arithmetic, where it still has a binary digit behind
 *    the point, and its halves are rounded up without a second rounding (the sum in `Math.floor(p + 0.5)` would be one).
 *  - From 2^52 on the product is taken exactly, in integers.
 *
 * Both are monotone in the score and meet at 2^52. From 2^53 on (scores from 9007.2) neighbouring doubles are at least 1.8
 * quanta apart, so different scores have different q there: where two q are the same double beyond 2^53, the scores decide.
 */

/** Quanta in a score of 1. */
export const quantaPerUnit = 1e12

/** q, exact below 2^53; beyond it the nearest double, see {@link quantizeExactly}. */
export function quantize(score: number): number {
  const product = score * quantaPerUnit
  if (product < 4_503_599_627_370_496) {
    const floor = Math.floor(product)
    return product - floor >= 0.5 ? floor + 1 : floor
  }
  return Number(roundedProduct(score))
}

/** q as an integer of any size. */
export function quantizeExactly(score: number): bigint {
  return score * quantaPerUnit < 4_503_599_627_370_496 ? BigInt(quantize(score)) : roundedProduct(score)
}

/** round(score × 10¹²), halves up, for a score ≥ 2^12: such a double is an integer over 2^40. */
function roundedProduct(score: number): bigint {
  const integer = Math.floor(score)
  const fraction = BigInt((score - integer) * 1_099_511_627_776)
  const product = ((BigInt(integer) << 40n) + fraction) * 1_000_000_000_000n
  return (product + (1n << 39n)) >> 40n
}

/** (`winner` − `own`) ÷ 10¹², both as scores whose quanta are `qWinner` and `qOwn`. */
export function scoreDifference(winner: number, qWinner: number, own: number, qOwn: number): number {
  if (qWinner <= Number.MAX_SAFE_INTEGER && qOwn <= Number.MAX_SAFE_INTEGER) return (qWinner - qOwn) / quantaPerUnit
  const difference = quantizeExactly(winner) - quantizeExactly(own)
  const quanta = 1_000_000_000_000n
  return Number(difference / quanta) + Number(difference % quanta) / quantaPerUnit
}
