/** Stands beside whoever absorbs a one-sided flow, at half size: it may take more before it is done. Pure; an example of a strategy. */
import { planFollowing } from './plan-following.ts'

export const distributionFade = planFollowing({
  name: 'distribution-fade',
  eventType: 'INVENTORY_DISTRIBUTION',
  // Below, the price has turned without us.
  rewardRiskMin: 0.75,
  sizeFraction: 0.5,
  // As long as the event may live.
  timeStopS: 900,
})
