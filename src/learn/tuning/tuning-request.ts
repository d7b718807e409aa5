/**
 * What a weight search is asked, as plain values that go to another thread as they are, and its answer. Pure: seeded.
 */
import type { Policy } from '../../domain/policy.ts'
import { weightsJson } from '../../domain/policy-json.ts'
import type { TuningRules } from '../../domain/tuning-rules.ts'
import type { NumberedWeightSet } from '../../domain/weight-set.ts'
import type { EntryStore } from '../entry-store.ts'
import type { ComponentName } from '../report-figures.ts'
import { type ArbitrationSet, arbitrationSetOf } from './arbitration-set.ts'
import { type Tuning, tuningOf } from './tuning.ts'
import { gridLattice, type Lattice, simplexLattice, type WholeWeights } from './weight-lattice.ts'
import { percentsOf, searchFrom, type WeightSearch } from './weight-search.ts'

export const searchNames = ['grid', 'simplex'] as const
export type SearchName = (typeof searchNames)[number]

export interface TuningRequest {
  readonly set: ArbitrationSet
  readonly search: SearchName
  /** In percents, not rounded: those of the last entry, where its regime has none of its own; without entries the policy's. */
  readonly current: WholeWeights
  /** In percents, by regime: what is in force where a regime has weights of its own. */
  readonly currentByRegime: Readonly<Record<string, WholeWeights>>
  readonly rules: TuningRules
}

/** @param inForce - The journal's newest weight set; null: there is none. */
export function tuningRequestOf(
  entries: EntryStore,
  search: SearchName,
  policy: Policy,
  inForce: NumberedWeightSet | null,
): TuningRequest {
  const byRegime = Object.entries(inForce?.byRegime ?? {}).filter(([, weights]) => weights !== undefined)
  return {
    set: arbitrationSetOf(entries),
    search,
    current: currentOf(entries, policy, inForce),
    currentByRegime: Object.fromEntries(byRegime.map(([regime, weights]) => [regime, policyPercents(weights)])),
    rules: policy.tuning,
  }
}

/** Those of the last entry, but for a regime's own, which are no others' weights. */
function currentOf(entries: EntryStore, policy: Policy, inForce: NumberedWeightSet | null): WholeWeights {
  const last = entries.count - 1
  if (last < 0) return policyPercents(policy.weights)
  const regime = entries.regime(last)
  const hasOwn = inForce !== null && regime !== null && Object.hasOwn(inForce.byRegime, regime)
  return hasOwn ? policyPercents(inForce.weights) : percentsOf(entries.weights(last))
}

/** In percents, in the order of the components. */
export function policyPercents(weights: Policy['weights']): WholeWeights {
  return percentsOf(weightsJson(weights) as Readonly<Record<ComponentName, number>>)
}

/** The points of a search, and those that stand for them in the gates, which keep every trial in memory. */
export function latticesOf(search: SearchName): { readonly searched: Lattice; readonly trials: Lattice } {
  if (search === 'grid') return { searched: gridLattice, trials: gridLattice }
  return { searched: simplexLattice(1), trials: simplexLattice(5) }
}

/** @param found - What the search over all of the set found, where somebody has it already. */
export function answerOf(request: TuningRequest, found?: WeightSearch): Tuning {
  const { set, search, current, currentByRegime, rules } = request
  const { searched, trials } = latticesOf(search)
  const currentOf = (regime: string): WholeWeights =>
    Object.hasOwn(currentByRegime, regime) ? currentByRegime[regime]! : current
  return tuningOf(set, found ?? searchFrom(set, searched, current), trials, current, currentOf, rules)
}
