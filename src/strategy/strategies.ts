/** Which strategy answers which event type. One thread; fixed once made. */
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import type { MarketEvent } from '../domain/event.ts'
import type { Decline, TradePlan } from '../domain/order.ts'
import { cascadeContinuation } from './cascade-continuation.ts'
import { distributionFade } from './distribution-fade.ts'
import { huntReversal } from './hunt-reversal.ts'
import { requirePlan } from './plan-check.ts'
import { snapbackReversion } from './snapback-reversion.ts'
import type { Strategy, StrategyMarket } from './strategy.ts'

/** The strategies that come with Signalbox. */
export const builtInStrategies: readonly Strategy[] = [
  cascadeContinuation,
  huntReversal,
  snapbackReversion,
  distributionFade,
]

/** Characters of a reason: it stands in a line of the journal and in one of the screen. */
const reasonCharsMax = 200

export class Strategies {
  readonly #byType = new Map<string, Strategy>()

  /** @throws {SignalboxError} `ERR_INPUT` when a strategy answers no type, or two answer one, or two have one name. */
  constructor(strategies: readonly Strategy[] = builtInStrategies) {
    const names = new Set<string>()
    for (const strategy of strategies) {
      if (names.has(strategy.name)) throw inputError(`strategy ${strategy.name}`, 'another strategy has this name')
      names.add(strategy.name)
      if (strategy.eventTypes.length === 0) throw inputError(`strategy ${strategy.name}`, 'it answers no event type')
      for (const eventType of strategy.eventTypes) {
        const other = this.#byType.get(eventType)
        if (other !== undefined) {
          throw inputError(`strategy ${strategy.name}`, `${eventType} is already answered by ${other.name}`, eventType)
        }
        this.#byType.set(eventType, strategy)
      }
    }
  }

  /** The one strategy for a type; null when none answers it: such events are never entered. */
  strategyOf(eventType: string): Strategy | null {
    return this.#byType.get(eventType) ?? null
  }

  /**
   * The plan of the type's strategy, checked; or why there is none: `hunt-reversal declines: reward-to-risk left 0.3, least 1`,
   * or that no strategy answers the type.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the strategy when it throws, or its answer makes no sense: a size
   *   outside (0, 1], a time stop that is no positive integer, prices that do not lie around the last one, or a reason that is
   *   no line of 1 … 200 characters.
   */
  plan(event: MarketEvent, market: StrategyMarket): TradePlan | Decline {
    const strategy = this.strategyOf(event.eventType)
    if (strategy === null) return { declined: `no strategy answers ${event.eventType}` }
    try {
      const answer = strategy.onEvent(event, market)
      if (answer === null) return { declined: `${strategy.name} declines` }
      if ('declined' in answer) return { declined: `${strategy.name} declines: ${requireReason(answer.declined)}` }
      requirePlan(answer, market.lastTicks)
      // A copy: whoever planned may fill the same object again, while a position lives by what it said.
      const { side, sizeFraction, targetTicks, stopTicks, timeStopNs } = answer
      return { side, sizeFraction, targetTicks, stopTicks, timeStopNs }
    } catch (thrown) {
      throw new SignalboxError(
        'ERR_INVALID_ARGUMENT',
        `strategy ${strategy.name} on ${event.eventId}: ${messageOf(thrown)}`,
        { field: strategy.name, cause: thrown },
      )
    }
  }
}

function requireReason(reason: string): string {
  if (
    typeof reason === 'string' &&
    reason.trim() !== '' &&
    reason.length <= reasonCharsMax &&
    !/\p{Cc}/u.test(reason)
  ) {
    return reason
  }
  const message = `declined must be one line of 1 … ${reasonCharsMax} characters, got ${JSON.stringify(reason)}`
  throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: 'declined', value: reason })
}
