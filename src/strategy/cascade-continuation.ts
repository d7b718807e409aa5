/** Goes with a liquidation cascade: forced flow runs until it is exhausted. Pure; an example of a {@link Strategy}. */
import { nsPerSecond } from '../domain/units.ts'
import { rewardRiskLeft, type Strategy } from './strategy.ts'

/** Below, the move has come too far to follow: the stop is as far as the target. */
const rewardRiskMin = 1

/** Three minutes: a cascade that did not reach its target by then was none. */
const timeStopNs = 180 * nsPerSecond

export const cascadeContinuation: Strategy = {
  name: 'cascade-continuation',
  eventTypes: ['LIQUIDATION_CASCADE'],
  onEvent(event, market) {
    if (rewardRiskLeft(event, market.lastTicks) < rewardRiskMin) return null
    const { side, targetTicks, stopTicks } = event
    return { side, sizeFraction: 1, targetTicks, stopTicks, timeStopNs }
  },
}
