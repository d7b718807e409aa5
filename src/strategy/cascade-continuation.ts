/** Goes with a liquidation cascade: forced flow runs until it is exhausted. Pure; an example of a strategy. */
import { planFollowing } from './plan-following.ts'

export const cascadeContinuation = planFollowing({
  name: 'cascade-continuation',
  eventType: 'LIQUIDATION_CASCADE',
  // Below, the move has come too far to follow: the stop is as far as the target.
  rewardRiskMin: 1,
  sizeFraction: 1,
  // A cascade that did not reach its target in three minutes was none.
  timeStopS: 180,
})
