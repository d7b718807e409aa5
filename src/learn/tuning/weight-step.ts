/** One step of gradual adaptation: a share of the way to better weights (the specification's option 2, ERRATA E28). Pure; any thread. */
import type { TuningRules } from '../../domain/tuning-rules.ts'
import type { WholeWeights } from './weight-lattice.ts'

/** Weights are written with so many decimals: what is behind them came from arithmetic. */
const decimals = 12

/**
 * `new = current + step × (found − current)`. Where that would change a weight by more than the cap, all go less far, in the same direction.
 *
 * @param current - In percents. Weights that do not sum to 100 are brought to it first, which changes how much the age bonus counts beside them.
 * @param found - Whole percents.
 * @returns Shares of 1.
 */
export function stepTowards(current: WholeWeights, found: WholeWeights, { step, stepCap }: TuningRules): WholeWeights {
  const sum = current.reduce((total, weight) => total + weight, 0)
  // All zero: nothing to keep the proportions of.
  const from = current.map((weight) => (sum > 0 ? weight / sum : 1 / current.length))
  const ways = from.map((weight, component) => found[component]! / 100 - weight)
  const widest = ways.reduce((most, way) => Math.max(most, Math.abs(way)), 0)
  const share = Math.min(step, stepCap / widest)
  const moved = from.map((weight, component) => weight + share * ways[component]!)
  const [priority, freshness, regime, expected] = moved.map((weight) => Number(weight.toFixed(decimals)))
  return [priority!, freshness!, regime!, expected!]
}
