/** Champion and challenger: false promotions where nothing is better, and what happens when the market turns. */
import { defaultTuningRules } from '../../dist/domain/tuning-rules.js'
import { duelOf } from '../../dist/learn/tuning/duel.js'
import { gridLattice } from '../../dist/learn/tuning/weight-lattice.js'
import { searchFrom } from '../../dist/learn/tuning/weight-search.js'
import { currentWeights, noises, nullMarket, plant, plantedWeights } from './market.mjs'
import { seedOf, shareAtLeast, shareAtMost, shareRow } from './rows.mjs'

const before = 200
const rules = { ...defaultTuningRules, challengeMax: Number.MAX_SAFE_INTEGER }

export function measure(what, isQuick, run) {
  return what === 'null' ? nullRows(isQuick ? 40 : 240, run) : flipRows(isQuick ? 12 : 48, run)
}

/** The best of 200 arbitrations is the challenger for 2,000 more; the test alone, looked at after each, never giving up. */
function nullRows(count, run) {
  const never = { ...rules, giveUpAt: Number.POSITIVE_INFINITY }
  const kinds = Object.keys(noises)
  const promoted = new Map(kinds.map((kind) => [kind, 0]))
  for (let index = 0; index < count; index += 1) {
    const kind = kinds[index % kinds.length]
    const market = nullMarket(seedOf(5_000_000, run, index), before + 2_000, noises[kind])
    const { weights } = searchFrom(firstOf(market, before), gridLattice, currentWeights)
    if (duelOf(market, before, currentWeights, weights, never).verdict !== 'promote') continue
    promoted.set(kind, promoted.get(kind) + 1)
  }
  const all = kinds.reduce((sum, kind) => sum + promoted.get(kind), 0)
  return [
    shareRow('null, looked at 2,000 times: promoted', all, count, [shareAtMost(5)]),
    ...kinds.map((kind) => shareRow(`null, looked at 2,000 times, ${kind}`, promoted.get(kind), count / kinds.length)),
  ]
}

/**
 * Weights that were better are adopted, hold for 150 arbitrations, then the market turns: the old ones are better by the same advantage.
 * Beside it: the same without a turn.
 */
function flipRows(count, run) {
  return Object.keys(noises).flatMap((kind) => {
    let seen = 0
    let early = 0
    let alarms = 0
    let promoted = 0
    for (let index = 0; index < count; index += 1) {
      const seed = seedOf(6_000_000, run, index)
      const { better, good, after } = turningMarket(seed, noises[kind])
      const turned = joined(firstOf(good, before + 150), after)
      const duel = duelOf(turned, before, currentWeights, better, rules, true)
      if (duel.verdict === 'give_up' && duel.arbitrations > 150) seen += 1
      if (duel.verdict === 'give_up' && duel.arbitrations <= 150) early += 1
      if (duelOf(good, before, currentWeights, better, rules, true).verdict === 'give_up') alarms += 1
      if (duelOf(good, before, currentWeights, better, rules).verdict === 'promote') promoted += 1
    }
    const bars = kind === 'normal' ? [shareAtLeast(80)] : []
    return [
      shareRow(`the market turns, ${kind}: given up within 150`, seen, count - early, bars),
      shareRow(`it does not, ${kind}: given up within 500`, alarms, count),
      shareRow(`planted, ${kind}: promoted within 500`, promoted, count),
    ]
  })
}

/**
 * A market in which some weights are better than the current ones, and one in which these are better by as much: the seed's weights, or the next ones
 * that choose otherwise often enough in both.
 */
function turningMarket(seed, noise) {
  for (let shift = 0; shift < plantedWeights.length; shift += 1) {
    const better = plantedWeights[(seed + shift) % plantedWeights.length]
    const good = nullMarket(seed + 10_000_000, before + 500, noise)
    const after = nullMarket(seed + 20_000_000, 150, noise)
    const isPlanted =
      plant(good, better, currentWeights, 'score', 0.15) !== null &&
      plant(after, currentWeights, better, 'score', 0.15) !== null
    if (isPlanted) return { better, good, after }
  }
  throw new Error('no weights choose otherwise often enough for such a signal')
}

/** The first arbitrations of a market. */
function firstOf(market, count) {
  const rows = market.first[count]
  return {
    ...market,
    count,
    first: market.first.slice(0, count + 1),
    raw: market.raw.map((values) => values.slice(0, rows)),
    ageBonus: market.ageBonus.slice(0, rows),
    pnl: market.pnl.slice(0, rows),
  }
}

/** One market after another. */
function joined(one, other) {
  const rows = one.first[one.count]
  const both = (left, right) => Float64Array.from([...left, ...right])
  return {
    ...one,
    count: one.count + other.count,
    first: Int32Array.from([...one.first, ...[...other.first.slice(1)].map((first) => rows + first)]),
    raw: one.raw.map((values, component) => both(values, other.raw[component])),
    ageBonus: both(one.ageBonus, other.ageBonus),
    pnl: both(one.pnl, other.pnl),
  }
}
