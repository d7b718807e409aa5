/** Few arbitrations, the planted signal as in `planted.mjs`: what is not to be known is not claimed. */
import { noises, nullMarket, plantSome } from './market.mjs'
import { seedOf, shareAtMost, shareRow } from './rows.mjs'
import { verdictOf } from './verdict.mjs'

const markets = { full: 48, quick: 12 }

export function measure(size, isQuick, run) {
  const count = markets[isQuick ? 'quick' : 'full']
  let planted = 0
  let none = 0
  for (let index = 0; index < count; index += 1) {
    const seed = seedOf(4_000_000, run, index)
    const market = nullMarket(seed, size, noises.normal)
    if (verdictOf(market).isStep) none += 1
    plantSome(market, seed, 'choice', 0.15)
    if (verdictOf(market).isStep) planted += 1
  }
  return [
    shareRow(`${size} entries, null: a change recommended`, none, count, [shareAtMost(5)]),
    shareRow(`${size} entries, planted: recommended`, planted, count),
  ]
}
