/** A claim on its way from a strategy's worker to the order stage's thread. What is read may be anything: it is judged there. */
import type { Codec } from '../channel/codec.ts'
import type { Side } from '../domain/event.ts'
import type { TradePlan } from '../domain/order.ts'

export interface ClaimRecord {
  /** The strategy's index. */
  strategy: number
  token: number
  handle: number
  plan: TradePlan
}

const noPlan: TradePlan = { side: 'long', sizeFraction: 0, targetTicks: 0, stopTicks: 0, timeStopNs: 0 }

/** +1 long, −1 short; anything else is a side that no plan has. */
function sideOf(value: number): Side {
  return value === 1 ? 'long' : value === -1 ? 'short' : (String(value) as Side)
}

export const claimCodec: Codec<ClaimRecord> = {
  size: 8,
  create: () => ({ strategy: 0, token: 0, handle: 0, plan: noPlan }),
  write({ strategy, token, handle, plan }, values, at) {
    values[at] = strategy
    values[at + 1] = token
    values[at + 2] = handle
    values[at + 3] = plan.side === 'long' ? 1 : -1
    values[at + 4] = plan.sizeFraction
    values[at + 5] = plan.targetTicks
    values[at + 6] = plan.stopTicks
    values[at + 7] = plan.timeStopNs
  },
  read(values, at, into) {
    into.strategy = values[at]!
    into.token = values[at + 1]!
    into.handle = values[at + 2]!
    into.plan = {
      side: sideOf(values[at + 3]!),
      sizeFraction: values[at + 4]!,
      targetTicks: values[at + 5]!,
      stopTicks: values[at + 6]!,
      timeStopNs: values[at + 7]!,
    }
  },
}
