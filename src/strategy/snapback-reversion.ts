/** Stands against a crowd whose funding turns back, half as large as a cascade: it works slower. Pure; an example of a {@link Strategy}. */
import { nsPerSecond } from '../domain/units.ts'
import { rewardRiskLeft, type Strategy } from './strategy.ts'

/** Below, most of the way back is done. */
const rewardRiskMin = 0.75

/** Twenty minutes: as long as the event may live. */
const timeStopNs = 1200 * nsPerSecond

export const snapbackReversion: Strategy = {
  name: 'snapback-reversion',
  eventTypes: ['FUNDING_SNAPBACK'],
  onEvent(event, market) {
    if (rewardRiskLeft(event, market.lastTicks) < rewardRiskMin) return null
    const { side, targetTicks, stopTicks } = event
    return { side, sizeFraction: 0.5, targetTicks, stopTicks, timeStopNs }
  },
}
