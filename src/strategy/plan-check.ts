/** What a plan must be to make sense, whoever made it: a strategy on the order stage's thread or one in a worker. Pure; any thread. */
import { invalidArgument } from '../base/arguments.ts'
import { requireInteger, requireNumber, shown } from '../base/assert.ts'
import type { TradePlan } from '../domain/order.ts'

/**
 * @param lastTicks - The last traded price of its symbol; an integer ≥ 1.
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming what makes no sense: a side that is none, a size outside (0, 1], a time stop that
 *   is no positive integer, or prices that do not lie around the last one.
 */
export function requirePlan(plan: TradePlan, lastTicks: number): void {
  const { side, sizeFraction, stopTicks, targetTicks, timeStopNs } = plan
  if (side !== 'long' && side !== 'short')
    throw invalidArgument('side', `must be long or short, got ${shown(side)}`, side)
  requireNumber('sizeFraction', sizeFraction, Number.MIN_VALUE, 1)
  requireInteger('timeStopNs', timeStopNs, 1, Number.MAX_SAFE_INTEGER)
  const isLong = side === 'long'
  requireInteger(isLong ? 'stopTicks' : 'targetTicks', isLong ? stopTicks : targetTicks, 1, lastTicks - 1)
  requireInteger(
    isLong ? 'targetTicks' : 'stopTicks',
    isLong ? targetTicks : stopTicks,
    lastTicks + 1,
    Number.MAX_SAFE_INTEGER,
  )
}
