/** Markets in which no weights are better than others: how often a change is recommended all the same. */
import { noises, nullMarket } from './market.mjs'
import { seedOf, shareAtMost, shareRow } from './rows.mjs'
import { verdictOf } from './verdict.mjs'

const markets = { full: 160, quick: 16 }
const sizes = [300, 500, 1_000, 2_000]

export function measure(_, isQuick, run) {
  const count = markets[isQuick ? 'quick' : 'full']
  const kinds = Object.keys(noises)
  const steps = new Map(kinds.map((kind) => [kind, 0]))
  for (let market = 0; market < count; market += 1) {
    const kind = kinds[market % kinds.length]
    const size = sizes[Math.floor(market / kinds.length) % sizes.length]
    const { isStep } = verdictOf(nullMarket(seedOf(1_000_000, run, market), size, noises[kind]))
    if (isStep) steps.set(kind, steps.get(kind) + 1)
  }
  const all = kinds.reduce((sum, kind) => sum + steps.get(kind), 0)
  return [
    shareRow('null, 300 to 2,000 entries: a change recommended', all, count, [shareAtMost(5)]),
    ...kinds.map((kind) => shareRow(`null, ${kind}`, steps.get(kind), count / kinds.length)),
  ]
}
