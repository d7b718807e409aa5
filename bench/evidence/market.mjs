/**
 * Made-up markets whose truth is known: past arbitrations of two to five candidates, their components uniform in [0, 1], their outcomes noise of
 * the standard deviation 100 and, where something is planted, a part that depends on the components. One seed, one market.
 */
import { Random } from '../../dist/base/random.js'
import { normalQuantile } from '../../dist/learn/tuning/normal.js'
import { choiceUnder } from '../../dist/learn/tuning/rescoring.js'
import { gridLattice, pointsOf } from '../../dist/learn/tuning/weight-lattice.js'

/** In percents: the specification's. */
export const currentWeights = [40, 30, 20, 10]
const deviation = 100
const everyS = 600
const holdS = 120
const types = 4
/** Of an autocorrelated outcome: what all candidates share, what those of a type share, and what is its own. Squares sum to 1. */
const [ofAll, ofType, ofOwn] = [0.5, 0.6, Math.sqrt(1 - 0.5 ** 2 - 0.6 ** 2)]

/** Weights of the grid that differ enough from the current ones to have an advantage over them: 20 percents in sum, at least. */
export const plantedWeights = pointsOf(gridLattice).filter(
  (weights) => weights.reduce((sum, weight, at) => sum + Math.abs(weight - currentWeights[at]), 0) >= 20,
)

/**
 * How outcomes are noisy. `tails`: 3 degrees of freedom, else normal. `persistence`: autocorrelation from one arbitration to the next, of a part
 * that all candidates share and of one that those of a type share.
 */
export const noises = {
  normal: { hasTails: false, persistence: 0 },
  'heavy tails': { hasTails: true, persistence: 0 },
  autocorrelated: { hasTails: false, persistence: 0.5 },
  'heavy tails, autocorrelated': { hasTails: true, persistence: 0.5 },
}

/** A market in which the components say nothing of the outcome. */
export function nullMarket(seed, count, { hasTails, persistence }) {
  const random = new Random(seed)
  const normal = () => normalQuantile((random.uint32() + 0.5) / 4_294_967_296)
  // Student's t with 3 degrees of freedom has a variance of 3.
  const student = () => normal() / Math.sqrt(normal() ** 2 + normal() ** 2 + normal() ** 2)
  const noise = hasTails ? student : normal
  const fresh = Math.sqrt(1 - persistence ** 2)
  const shared = new Float64Array(types + 1)
  const first = [0]
  const rows = []
  for (let arbitration = 0; arbitration < count; arbitration += 1) {
    for (let at = 0; at <= types; at += 1) shared[at] = persistence * shared[at] + fresh * noise()
    const candidates = Array.from({ length: random.integer(2, 5) }, () => {
      const raw = [random.fraction(), random.fraction(), random.fraction(), random.fraction()]
      const type = random.integer(0, types - 1)
      const own = noise()
      const outcome = persistence === 0 ? own : ofAll * shared[types] + ofType * shared[type] + ofOwn * own
      return { raw, pnl: deviation * outcome }
    })
    // ERRATA E10 behind the score begins with the priority score.
    rows.push(...candidates.sort((one, other) => other.raw[0] - one.raw[0]))
    first.push(rows.length)
  }
  const at = Float64Array.from({ length: count }, (_, index) => 1_781_600_000 + index * everyS)
  return {
    count,
    first: Int32Array.from(first),
    raw: [0, 1, 2, 3].map((component) => Float64Array.from(rows, ({ raw }) => raw[component])),
    ageBonus: new Float64Array(rows.length),
    pnl: Float64Array.from(rows, ({ pnl }) => pnl),
    selected: new Int32Array(count),
    atSeconds: at,
    endsSeconds: at.map((seconds) => seconds + holdS),
    regime: new Uint16Array(count),
    regimes: ['expansion'],
    leftOut: 0,
    // Of the difference of two outcomes of one arbitration: what both share is in neither.
    pairVariance: 2 * deviation ** 2 * (persistence === 0 ? 1 : ofType ** 2 * (1 - 1 / types) + ofOwn ** 2),
  }
}

/** What an outcome depends on: `score`: the score under the best weights; `choice`: a bonus for whatever these would choose. */
export const truths = ['score', 'choice']

/**
 * Plants that some weights of the grid are better than the current ones: those that the seed takes, or the next ones that choose otherwise often
 * enough in so few arbitrations. @returns Those weights.
 */
export function plantSome(market, seed, truth, signal) {
  for (let shift = 0; shift < plantedWeights.length; shift += 1) {
    const best = plantedWeights[(seed + shift) % plantedWeights.length]
    if (plant(market, best, currentWeights, truth, signal) !== null) return best
  }
  throw new Error('no weights choose otherwise often enough for such a signal')
}

/**
 * Plants into a market that `best` has an advantage over `worse` of so many standard deviations of the paired difference an arbitration.
 * Changes `market.pnl`. @returns Of each candidate, what was added to its outcome; null: they choose too much alike for such a signal.
 */
export function plant(market, best, worse, truth, signal) {
  const effect = effectOf(market, best, truth)
  const noiseVariance = changedShare(market, best, worse) * market.pairVariance
  const { mean, square } = gapsOf(market, effect, best, worse)
  // a × mean = signal × √(noise variance + a² (square − mean²)), solved for a.
  const size = (signal * Math.sqrt(noiseVariance)) / Math.sqrt(mean ** 2 * (1 + signal ** 2) - signal ** 2 * square)
  if (!(size > 0)) return null
  const planted = effect.map((value) => size * value)
  for (let candidate = 0; candidate < planted.length; candidate += 1) market.pnl[candidate] += planted[candidate]
  return planted
}

export function effectOf(market, best, truth) {
  if (truth === 'choice') {
    const effect = new Float64Array(market.pnl.length)
    for (let at = 0; at < market.count; at += 1) effect[market.first[at] + choiceUnder(market, at, best)] = 1
    return effect
  }
  return market.pnl.map((_, candidate) =>
    best.reduce((sum, weight, component) => sum + (weight / 100) * market.raw[component][candidate], 0),
  )
}

/** Mean of what the choices of weights have of an effect, an arbitration. */
export function meanEffect(market, effect, weights) {
  let sum = 0
  for (let at = 0; at < market.count; at += 1) sum += effect[market.first[at] + choiceUnder(market, at, weights)]
  return sum / market.count
}

function gapsOf(market, effect, best, worse) {
  let sum = 0
  let squares = 0
  for (let at = 0; at < market.count; at += 1) {
    const first = market.first[at]
    const gap = effect[first + choiceUnder(market, at, best)] - effect[first + choiceUnder(market, at, worse)]
    sum += gap
    squares += gap ** 2
  }
  return { mean: sum / market.count, square: squares / market.count }
}

/** How many arbitrations two sets of weights choose differently in. */
function changedShare(market, one, other) {
  let changed = 0
  for (let at = 0; at < market.count; at += 1) {
    if (choiceUnder(market, at, one) !== choiceUnder(market, at, other)) changed += 1
  }
  return changed / market.count
}
