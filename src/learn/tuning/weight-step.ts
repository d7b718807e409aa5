/** One step of gradual adaptation: a share of the way to better weights (the specification's option 2, ERRATA E28). Pure; any thread. */
import type { TuningRules } from '../../domain/tuning-rules.ts'
import type { WholeWeights } from './weight-lattice.ts'

/** Weights are written with so many decimals: what is behind them came from arithmetic. */
const decimals = 12

/**
 * `new = current + step × (found − current)`, each change capped, renormalised to a sum of 1.
 *
 * @param current - In percents. Weights that do not sum to 100 are brought to it first, which changes how much the age bonus counts beside them.
 * @param found - Whole percents.
 * @returns Shares of 1.
 */
export function stepTowards(current: WholeWeights, found: WholeWeights, { step, stepCap }: TuningRules): WholeWeights {
  const sum = current.reduce((total, weight) => total + weight, 0)
  const moved = current.map((weight, component) => {
    // All zero: nothing to keep the proportions of.
    const from = sum > 0 ? weight / sum : 0.25
    const way = step * (found[component]! / 100 - from)
    return from + Math.max(-stepCap, Math.min(stepCap, way))
  })
  const total = moved.reduce((all, weight) => all + weight, 0)
  const [priority, freshness, regime, expected] = moved.map((weight) => Number((weight / total).toFixed(decimals)))
  return [priority!, freshness!, regime!, expected!]
}
