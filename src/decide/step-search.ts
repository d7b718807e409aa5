/**
 * The search for the least number of steps away from a value at which an outcome changes. Pure; any thread; asks `wins`
 * for steps 1 … `last` only: step 0 is the value as it was, at which the outcome is known to be a loss.
 *
 * STEP-1: of a step that either search returns, `wins` was true, and of the step before it `wins` was false (or it is step 0).
 */

/** Whether the outcome at so many steps is the one that is looked for. */
export type Outcome = (step: bigint) => boolean

/** How many steps a scan spreads evenly over its range, beside the powers of two and those it is told of. */
export const evenStepsMax = 256

/**
 * The first step that wins, where winning once means winning from there on. Asks about log₂ `last` + 1 times.
 *
 * @returns null when not even `last` wins.
 */
export function bisectSteps(last: bigint, wins: Outcome): bigint | null {
  if (last < 1n || !wins(last)) return null
  return firstBetween(0n, last, wins)
}

/**
 * A step that wins where nothing is known of the outcome's order: the nearest of a bounded sample of steps, drawn closer to
 * where the outcome changes before it. A win that lies wholly between two steps of the sample is not seen.
 *
 * @param notable - Steps that are likely to matter; those out of range are left out.
 * @returns null when no step of the sample wins.
 */
export function scanSteps(last: bigint, notable: readonly bigint[], wins: Outcome): bigint | null {
  let lost = 0n
  for (const step of sampleOf(last, notable)) {
    if (wins(step)) return firstBetween(lost, step, wins)
    lost = step
  }
  return null
}

/** A step in (`lost`, `won`] that wins and whose predecessor does not, given that `won` wins and `lost` does not. */
function firstBetween(lost: bigint, won: bigint, wins: Outcome): bigint {
  let low = lost
  let high = won
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (wins(middle)) high = middle
    else low = middle
  }
  return high
}

/** Powers of two, an even spread, and what is notable: ascending, without repetition. */
function sampleOf(last: bigint, notable: readonly bigint[]): bigint[] {
  const steps = new Set<bigint>()
  for (let step = 1n; step <= last; step *= 2n) steps.add(step)
  const parts = last < BigInt(evenStepsMax) ? last : BigInt(evenStepsMax)
  for (let part = 1n; part <= parts; part++) steps.add((last * part) / parts)
  for (const step of notable) if (step >= 1n && step <= last) steps.add(step)
  return [...steps].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}
