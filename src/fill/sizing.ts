/**
 * How much to trade (ERRATA E16): min(allocation × leverage ÷ price, risk budget ÷ distance to the stop), rounded down to the
 * lot, then the plan's fraction of it (to the nearest 10^−6, at least that), rounded down again. Pure; any thread; all
 * integers; allocates nothing while products stay below 2^53.
 *
 * The price is the one at which the model would fill the entry now, slippage included; so is the beginning of the distance.
 * Hence, at that price: FILL-1 notional ≤ allocation × leverage, and FILL-2 quantity × distance to the stop ≤ risk budget.
 * Not included, and borne by the account's capital: the move during the latency, the fees, the slippage of the stop.
 */
import { requireInteger, requireNumber } from '../base/assert.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { TradePlan } from '../domain/order.ts'
import { minorPerUnit, powersOfTen, requireExact } from '../domain/units.ts'
import { multiplyDivideCeil, multiplyDivideFloor } from './exact.ts'
import type { FillModel } from './model.ts'
import { marketEntryTicks } from './slippage.ts'

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
 * The quantity in lots, 0 when the allocation or the risk budget buys none or the price is at or beyond the stop already.
 * Never falls when the allocation grows.
 *
 * @param allocationMinor - Minor units, an integer ≥ 0.
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` outside the ranges.
 */
export function quantityLots(model: FillModel, request: SizingRequest, allocationMinor: number): number {
  requireInteger('allocationMinor', allocationMinor, 0, Number.MAX_SAFE_INTEGER)
  const entryTicks = entryTicksOf(model, request)
  const buyingPower = multiplyDivideFloor(allocationMinor, leveragePpm(request), million)
  const buyingPowerMinor = requireExact('allocation × leverage', buyingPower)
  const byCapital = lotsWorth(request.instrument, buyingPowerMinor, entryTicks)
  const lots = requireExact('quantity', Math.min(byCapital, lotsByRisk(request, entryTicks)))
  return multiplyDivideFloor(lots, fractionPpm(request), million)
}

/**
 * The least allocation that buys one lot, minor units; `Infinity` when the risk budget buys none, whatever the allocation.
 * The arbiter compares its shares with it (CONTRACTS "In the engine": `risk_limit`).
 *
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` outside the ranges.
 */
export function smallestAllocationMinor(model: FillModel, request: SizingRequest): number {
  const entryTicks = entryTicksOf(model, request)
  // So many lots leave one after the plan's fraction is taken.
  const lots = multiplyDivideCeil(million, 1, fractionPpm(request))
  if (lotsByRisk(request, entryTicks) < lots) return Number.POSITIVE_INFINITY
  const buyingPowerMinor = worthOf(request.instrument, entryTicks, lots)
  if (buyingPowerMinor === Number.POSITIVE_INFINITY) return buyingPowerMinor
  return multiplyDivideCeil(buyingPowerMinor, million, leveragePpm(request))
}

function entryTicksOf(model: FillModel, request: SizingRequest): number {
  requireInteger('lastTicks', request.lastTicks, 1, Number.MAX_SAFE_INTEGER)
  return marketEntryTicks(model, request.plan.side, request.lastTicks)
}

function lotsByRisk(request: SizingRequest, entryTicks: number): number {
  requireInteger('riskBudgetMinor', request.riskBudgetMinor, 0, Number.MAX_SAFE_INTEGER)
  const { side, stopTicks } = request.plan
  const distanceTicks = side === 'long' ? entryTicks - stopTicks : stopTicks - entryTicks
  return distanceTicks > 0 ? lotsWorth(request.instrument, request.riskBudgetMinor, distanceTicks) : 0
}

function leveragePpm(request: SizingRequest): number {
  return Math.round(requireNumber('leverage', request.leverage, 1, 1000) * million)
}

function fractionPpm(request: SizingRequest): number {
  const fraction = requireNumber('sizeFraction', request.plan.sizeFraction, Number.MIN_VALUE, 1)
  return Math.max(1, Math.round(fraction * million))
}

/** The most lots whose exact value at `ticks` each is at most `minor`; `Infinity` beyond 2^53, for it stands in a minimum. */
function lotsWorth(instrument: Instrument, minor: number, ticks: number): number {
  const scale = instrument.priceDecimals + instrument.sizeDecimals
  // A lot at a tick is worth minorPerUnit ÷ 10^scale minor units; taken so that the numbers stay small.
  return scale >= 2
    ? multiplyDivideFloor(minor, powersOfTen[scale]! / minorPerUnit, ticks)
    : multiplyDivideFloor(minor, 1, ticks * (minorPerUnit / powersOfTen[scale]!))
}

/** The least whole number of minor units that is not below the exact value of `lots` at `ticks`. */
function worthOf(instrument: Instrument, ticks: number, lots: number): number {
  const scale = instrument.priceDecimals + instrument.sizeDecimals
  return scale >= 2
    ? multiplyDivideCeil(ticks, lots, powersOfTen[scale]! / minorPerUnit)
    : multiplyDivideCeil(ticks, lots * (minorPerUnit / powersOfTen[scale]!), 1)
}
