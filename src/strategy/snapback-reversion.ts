/** Stands against a crowd whose funding turns back, half as large as a cascade: it works slower. Pure; an example of a strategy. */
import { planFollowing } from './plan-following.ts'

export const snapbackReversion = planFollowing({
  name: 'snapback-reversion',
  eventType: 'FUNDING_SNAPBACK',
  // Below, most of the way back is done.
  rewardRiskMin: 0.75,
  sizeFraction: 0.5,
  // As long as the event may live.
  timeStopS: 1200,
})
