/** Markets of 500 arbitrations in which some weights of the grid are better: how often that is seen, and what the found ones earn of it. */
import { currentWeights, effectOf, meanEffect, noises, nullMarket, plantSome, truths } from './market.mjs'
import { figureRow, seedOf, shareAtLeast, shareRow } from './rows.mjs'
import { verdictOf } from './verdict.mjs'

const markets = { full: 48, quick: 12 }
const signal = 0.15
const freshArbitrations = 2_000

export function measure(noise, isQuick, run) {
  const count = markets[isQuick ? 'quick' : 'full']
  return truths.flatMap((truth) => rowsOf(noise, truth, count, run))
}

function rowsOf(noise, truth, count, run) {
  let steps = 0
  let gains = 0
  for (let index = 0; index < count; index += 1) {
    const seed = seedOf(2_000_000, run, index)
    const market = nullMarket(seed, 500, noises[noise])
    const best = plantSome(market, seed, truth, signal)
    const { weights, isStep } = verdictOf(market)
    if (!isStep) continue
    steps += 1
    gains += gainShare(seedOf(3_000_000, run, index), best, weights, truth)
  }
  const name = `planted by ${truth}, ${noise}`
  const atLeast = { of: 'p50', atLeast: 50, text: '≥ 50 %' }
  return [
    shareRow(`${name}: recommended`, steps, count, [shareAtLeast(80)]),
    figureRow(`${name}: of the planted gain, out of sample`, '%', steps === 0 ? 0 : (100 * gains) / steps, steps, [
      atLeast,
    ]),
  ]
}

/** What of the advantage of the best weights others have, in expectation, over arbitrations that they were not found on. */
function gainShare(seed, best, weights, truth) {
  const fresh = nullMarket(seed, freshArbitrations, noises.normal)
  const effect = effectOf(fresh, best, truth)
  const current = meanEffect(fresh, effect, currentWeights)
  return (meanEffect(fresh, effect, weights) - current) / (meanEffect(fresh, effect, best) - current)
}
