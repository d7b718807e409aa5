/**
 * How far the market may move before an entry arrives: the band of prices around the decision's in which it is wanted. Pure;
 * any thread.
 *
 * Both ends are the price at which the model would fill the entry now, moved by the allowance `entryLimitBps`: against us it
 * gives the limit; a short's other end counts as well, because what is sold higher is worth more and needs more margin.
 */
import type { Side } from '../domain/event.ts'
import { requireExact } from '../domain/units.ts'
import { multiplyDivideCeil, multiplyDivideFloor } from './exact.ts'
import type { FillModel } from './model.ts'

const million = 1_000_000

/**
 * The limit of an entry decided at `lastTicks`: moved against us by slippage and allowance together, a part of a tick too. A
 * market that has not moved is never beyond it, also without an allowance.
 */
export function entryLimitTicks(model: FillModel, side: Side, lastTicks: number): number {
  const awayPpm = model.slippagePpm + model.entryLimitPpm
  return side === 'long'
    ? requireExact('entry limit', multiplyDivideCeil(lastTicks, million + awayPpm, million))
    : Math.max(1, multiplyDivideFloor(lastTicks, million - awayPpm, million))
}

/**
 * The highest price at which the entry should still be filled, hence the one at which its capital is counted. A long's is its
 * limit; a short's is above the decision's price, and a market that has not moved is never beyond it.
 */
export function dearestEntryTicks(model: FillModel, side: Side, lastTicks: number): number {
  if (side === 'long') return entryLimitTicks(model, side, lastTicks)
  const upPpm = model.entryLimitPpm - model.slippagePpm
  return requireExact('entry price', multiplyDivideCeil(lastTicks, million + upPpm, million))
}
