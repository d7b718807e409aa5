/** Where an order that takes liquidity is filled. Pure; any thread. */
import type { Side } from '../domain/event.ts'
import { requireExact } from '../domain/units.ts'
import { multiplyDivideCeil, multiplyDivideFloor } from './exact.ts'
import type { FillModel } from './model.ts'

const million = 1_000_000

/** A buy at the market: the last price moved up by the slippage, rounded up to a tick. */
export function buyTicks(model: FillModel, lastTicks: number): number {
  return requireExact('fill price', multiplyDivideCeil(lastTicks, million + model.slippagePpm, million))
}

/** A sale at the market: the last price moved down by the slippage, rounded down to a tick, at least one tick. */
export function sellTicks(model: FillModel, lastTicks: number): number {
  return Math.max(1, multiplyDivideFloor(lastTicks, million - model.slippagePpm, million))
}

/** The price at which the market fills an entry on this side. */
export function marketEntryTicks(model: FillModel, side: Side, lastTicks: number): number {
  return side === 'long' ? buyTicks(model, lastTicks) : sellTicks(model, lastTicks)
}

/** The price at which a position on this side is left at the market. */
export function marketExitTicks(model: FillModel, side: Side, lastTicks: number): number {
  return side === 'long' ? sellTicks(model, lastTicks) : buyTicks(model, lastTicks)
}
