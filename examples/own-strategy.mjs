/**
 * A strategy of one's own, in a worker of its own: goes with a liquidation cascade as soon as it is registered, with a fixed sum, as long
 * as enough of its reward is left. In the configuration of `signalbox run`:
 *
 *   { "strategies": [{ "module": "own-strategy.mjs", "data": { "capital": 2000, "reward_risk": 1 } }],
 *     "leave_to_strategies": ["LIQUIDATION_CASCADE"] }
 */
import { defineStrategy, rewardRiskLeft } from 'signalbox'

const minorPerUnit = 100

export default defineStrategy(({ data }) => ({
  name: 'early-cascade',
  types: ['LIQUIDATION_CASCADE'],
  act(event, market) {
    const capitalMinor = Math.round(data.capital * minorPerUnit)
    // Not now: asked again when the market has moved.
    if (capitalMinor > market.freeMinor || rewardRiskLeft(event, market.lastTicks) < data.reward_risk) return 'later'
    // Somebody is in this market already.
    if (market.positions.some(({ symbol }) => symbol === event.symbol)) return null
    const { side, targetTicks, stopTicks } = event
    return { capitalMinor, plan: { side, targetTicks, stopTicks, sizeFraction: 1, timeStopNs: 180e9 } }
  },
}))
