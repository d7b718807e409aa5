/** What the tuner says of a market, under the policy's defaults: the grid's best weights, and whether they are believed. */
import { defaultTuningRules } from '../../dist/domain/tuning-rules.js'
import { judgeWeights } from '../../dist/learn/tuning/judgement.js'
import { gridLattice } from '../../dist/learn/tuning/weight-lattice.js'
import { searchFrom } from '../../dist/learn/tuning/weight-search.js'
import { currentWeights } from './market.mjs'

export function verdictOf(market) {
  const { weights } = searchFrom(market, gridLattice, currentWeights)
  const judgement = judgeWeights(market, gridLattice, currentWeights, weights, defaultTuningRules)
  return { weights, isStep: judgement.decidedBy === null, judgement }
}
