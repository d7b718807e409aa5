/** A strategy that does what its event says, as long as enough of it is left. Pure; what the built-in ones are made of. */
import { nsPerSecond } from '../domain/units.ts'
import { rewardRiskLeft, type Strategy } from './strategy.ts'

export interface PlanFollowing {
  readonly name: string
  readonly eventType: string
  /** It declines when less reward-to-risk than this is left of the event's, ≥ 0. */
  readonly rewardRiskMin: number
  /** Of what sizing allows, in (0, 1]. */
  readonly sizeFraction: number
  /** Seconds after which a position that reached neither target nor stop is given up. */
  readonly timeStopS: number
}

/** The event's side, target and stop, taken as they are. */
export function planFollowing(settings: PlanFollowing): Strategy {
  const { name, eventType, rewardRiskMin, sizeFraction } = settings
  const timeStopNs = settings.timeStopS * nsPerSecond
  return {
    name,
    eventTypes: [eventType],
    onEvent(event, market) {
      const left = rewardRiskLeft(event, market.lastTicks)
      if (left < rewardRiskMin) return { declined: `reward-to-risk left ${flooredText(left)}, least ${rewardRiskMin}` }
      const { side, targetTicks, stopTicks } = event
      return { side, sizeFraction, targetTicks, stopTicks, timeStopNs }
    },
  }
}

/** To 2 decimals, rounded down: what was too little never reads as enough. */
function flooredText(value: number): string {
  return String(Math.floor(value * 100) / 100)
}
