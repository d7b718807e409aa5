/** Stands against a hunt that failed: whoever swept the extreme has to get out again. Pure; an example of a strategy. */
import { planFollowing } from './plan-following.ts'

export const huntReversal = planFollowing({
  name: 'hunt-reversal',
  eventType: 'FAILED_HUNT',
  // Below, the way back is as good as walked.
  rewardRiskMin: 1,
  sizeFraction: 0.75,
  // As long as the event may live.
  timeStopS: 900,
})
