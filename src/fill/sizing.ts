/**
 * How much to trade (ERRATA E16): min(allocation × leverage ÷ price, risk budget ÷ distance to the stop), rounded down to the
 * lot, then the plan's fraction of it (to the nearest 10^−6, at least that), rounded down again; and the order that asks for
 * it. Pure; any thread; all integers.
 *
 * Capital is counted at the highest price at which the entry is wanted, risk from its limit, the price that is furthest from
 * the stop (entry-limit.ts). The venue fills nothing beyond the limit and nothing beyond the order's margin, so both bounds
 * hold at the price of the fill itself:
 *
 * FILL-1: a position is worth at most allocation × leverage when it is opened, whatever the market did on the way.
 * FILL-2: its quantity × the distance from its entry to its stop is at most the risk budget.
 *
 * Not included, and borne by the account's capital: the fees, and what the stop loses beyond its price.
 */
import { requireInteger, requireNumber } from '../base/assert.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { EntryOrder, TradePlan } from '../domain/order.ts'
import { requireExact } from '../domain/units.ts'
import { dearestEntryTicks, entryLimitTicks } from './entry-limit.ts'
import { multiplyDivideCeil, multiplyDivideFloor } from './exact.ts'
import type { FillModel } from './model.ts'
import { lotsWorth, worthOf } from './worth.ts'

const million = 1_000_000

/** What sizing needs beside the allocation. A caller may reuse one object for many calls. */
export interface SizingRequest {
  readonly instrument: Instrument
  readonly plan: TradePlan
  /** The last traded price; an integer ≥ 1. */
  readonly lastTicks: number
  /** ≥ 1, at most 1,000; taken to the nearest 10^−6. */
  readonly leverage: number
  /** What the stop may cost, minor units; see {@link riskBudgetOf}. */
  readonly riskBudgetMinor: number
}

/** The share `riskPerTrade` of the account's capital, rounded down; `riskPerTrade` in (0, 1], to the nearest 10^−6. */
export function riskBudgetOf(capitalMinor: number, riskPerTrade: number): number {
  requireNumber('riskPerTrade', riskPerTrade, Number.MIN_VALUE, 1)
  return multiplyDivideFloor(Math.max(0, capitalMinor), Math.round(riskPerTrade * million), million)
}

/**
 * The entry to send; null when the allocation or the risk budget buys no lot, or the price is at or beyond the stop already.
 * Its quantity never falls when the allocation grows.
 *
 * @param allocationMinor - Minor units, an integer ≥ 0.
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` outside the ranges.
 */
export function entryOrderOf(model: FillModel, request: SizingRequest, allocationMinor: number): EntryOrder | null {
  requireInteger('allocationMinor', allocationMinor, 0, Number.MAX_SAFE_INTEGER)
  const dearestTicks = dearestTicksOf(model, request)
  const buyingPower = multiplyDivideFloor(allocationMinor, leveragePpm(request), million)
  const notionalMaxMinor = requireExact('allocation × leverage', buyingPower)
  const byCapital = lotsWorth(request.instrument, notionalMaxMinor, dearestTicks)
  const lots = requireExact('quantity', Math.min(byCapital, lotsByRisk(model, request)))
  const quantityLots = multiplyDivideFloor(lots, fractionPpm(request), million)
  if (quantityLots === 0) return null
  const limitTicks = entryLimitTicks(model, request.plan.side, request.lastTicks)
  return { quantityLots, limitTicks, notionalMaxMinor }
}

/**
 * The least allocation that buys one lot, minor units; `Infinity` when the risk budget buys none, whatever the allocation.
 * The arbiter compares its shares with it (CONTRACTS "In the engine": `risk_limit`). Allocates nothing while products stay
 * below 2^53.
 *
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` outside the ranges.
 */
export function smallestAllocationMinor(model: FillModel, request: SizingRequest): number {
  const dearestTicks = dearestTicksOf(model, request)
  // So many lots leave one after the plan's fraction is taken.
  const lots = multiplyDivideCeil(million, 1, fractionPpm(request))
  if (lotsByRisk(model, request) < lots) return Number.POSITIVE_INFINITY
  const buyingPowerMinor = worthOf(request.instrument, dearestTicks, lots)
  if (buyingPowerMinor === Number.POSITIVE_INFINITY) return buyingPowerMinor
  return multiplyDivideCeil(buyingPowerMinor, million, leveragePpm(request))
}

function dearestTicksOf(model: FillModel, request: SizingRequest): number {
  requireInteger('lastTicks', request.lastTicks, 1, Number.MAX_SAFE_INTEGER)
  return dearestEntryTicks(model, request.plan.side, request.lastTicks)
}

function lotsByRisk(model: FillModel, request: SizingRequest): number {
  requireInteger('riskBudgetMinor', request.riskBudgetMinor, 0, Number.MAX_SAFE_INTEGER)
  const { lastTicks } = request
  const { side, stopTicks } = request.plan
  if (side === 'long' ? lastTicks <= stopTicks : lastTicks >= stopTicks) return 0
  const limitTicks = entryLimitTicks(model, side, lastTicks)
  // The limit is no nearer to the stop than the last price, so this is positive.
  return lotsWorth(request.instrument, request.riskBudgetMinor, Math.abs(limitTicks - stopTicks))
}

function leveragePpm(request: SizingRequest): number {
  return Math.round(requireNumber('leverage', request.leverage, 1, 1000) * million)
}

function fractionPpm(request: SizingRequest): number {
  const fraction = requireNumber('sizeFraction', request.plan.sizeFraction, Number.MIN_VALUE, 1)
  return Math.max(1, Math.round(fraction * million))
}
