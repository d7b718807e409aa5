/** Sizing against the bounds that define it, in bigints. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Side } from '../../../src/domain/event.ts'
import { Timeline } from '../../../src/domain/units.ts'
import { createFillModel } from '../../../src/fill/model.ts'
import { entryOrderOf, type SizingRequest, smallestAllocationMinor } from '../../../src/fill/sizing.ts'
import { SimulatedTrade } from '../../../src/fill/trade.ts'

const seed = 20_250_127
const model = createFillModel({ slippageBps: 2.5, entryLimitBps: 7.5 })

const requestArbitrary: fc.Arbitrary<SizingRequest> = fc
  .record({
    side: fc.constantFrom<Side>('long', 'short'),
    priceDecimals: fc.integer({ min: 0, max: 8 }),
    sizeDecimals: fc.integer({ min: 0, max: 8 }),
    lastTicks: fc.oneof(fc.integer({ min: 10, max: 5_000 }), fc.integer({ min: 10, max: 200_000_000_000 })),
    stopPermille: fc.integer({ min: -5, max: 200 }),
    sizeFraction: fc.constantFrom(1, 0.5, 0.3333, 0.000_001),
    leverage: fc.constantFrom(1, 1.5, 3, 20),
    riskBudgetMinor: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 2_000_000_000 })),
  })
  .map((raw) => {
    const away = Math.round((raw.lastTicks * raw.stopPermille) / 1000)
    const stopTicks = Math.max(1, raw.side === 'long' ? raw.lastTicks - away : raw.lastTicks + away)
    return {
      instrument: { symbol: 'X', priceDecimals: raw.priceDecimals, sizeDecimals: raw.sizeDecimals },
      plan: { side: raw.side, sizeFraction: raw.sizeFraction, targetTicks: 1, stopTicks, timeStopNs: 1 },
      lastTicks: raw.lastTicks,
      leverage: raw.leverage,
      riskBudgetMinor: raw.riskBudgetMinor,
    }
  })
const allocationArbitrary = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 100_000_000_000 }))

const quantityLots = (request: SizingRequest, allocationMinor: number): number =>
  entryOrderOf(model, request, allocationMinor)?.quantityLots ?? 0

/** `last` moved by parts per million, a part of a tick outwards. */
function moved(last: number, ppm: bigint): bigint {
  const scaled = BigInt(last) * (1_000_000n + ppm)
  const floor = scaled / 1_000_000n
  if (ppm < 0n) return floor < 1n ? 1n : floor
  return scaled % 1_000_000n === 0n ? floor : floor + 1n
}

/** The limit, and the price at which capital is counted, of 2.5 bp of slippage and 7.5 bp of allowance. */
function bandOf({ plan, lastTicks }: SizingRequest): { limit: bigint; dearest: bigint } {
  const limit = moved(lastTicks, plan.side === 'long' ? 1_000n : -1_000n)
  return { limit, dearest: plan.side === 'long' ? limit : moved(lastTicks, 500n) }
}

const powerOf = (request: SizingRequest, allocationMinor: number): bigint =>
  (BigInt(allocationMinor) * BigInt(Math.round(request.leverage * 1e6))) / 1_000_000n

const unitOf = ({ instrument }: SizingRequest): bigint =>
  10n ** BigInt(instrument.priceDecimals + instrument.sizeDecimals)

/** Whether `lots` before the plan's fraction satisfy both bounds of ERRATA E16. */
function fits(request: SizingRequest, allocationMinor: number, lots: bigint): boolean {
  const { limit, dearest } = bandOf(request)
  const stop = BigInt(request.plan.stopTicks)
  const isLong = request.plan.side === 'long'
  if (isLong ? request.lastTicks <= stop : request.lastTicks >= stop) return lots === 0n
  const distance = isLong ? limit - stop : stop - limit
  const unit = unitOf(request)
  return (
    lots * dearest * 100n <= powerOf(request, allocationMinor) * unit &&
    lots * distance * 100n <= BigInt(request.riskBudgetMinor) * unit
  )
}

/** Whether the allocation alone buys a number of lots below 2^53; more is an error by ERRATA E33, not a quantity. */
function isExact(request: SizingRequest, allocationMinor: number): boolean {
  const { priceDecimals, sizeDecimals } = request.instrument
  return (allocationMinor * request.leverage * 10 ** (priceDecimals + sizeDecimals)) / (90 * request.lastTicks) < 9e15
}

describe('sizing against its bounds', () => {
  test('sizing: the quantity is the greatest that neither overspends the allocation nor risks more than the budget (FILL-1, FILL-2)', () => {
    let bought = 0
    fc.assert(
      fc.property(requestArbitrary, allocationArbitrary, (request, allocationMinor) => {
        fc.pre(isExact(request, allocationMinor))
        const whole = { ...request, plan: { ...request.plan, sizeFraction: 1 } }
        const lots = BigInt(quantityLots(whole, allocationMinor))
        expect(fits(request, allocationMinor, lots)).toBe(true)
        expect(fits(request, allocationMinor, lots + 1n)).toBe(false)
        const fraction = BigInt(Math.round(request.plan.sizeFraction * 1e6))
        expect(BigInt(quantityLots(request, allocationMinor))).toBe((lots * fraction) / 1_000_000n)
        if (lots > 0n) bought += 1
      }),
      { seed, numRuns: 5000 },
    )
    expect(bought).toBeGreaterThan(500)
  })

  test('sizing: the quantity never falls when the allocation grows', () => {
    fc.assert(
      fc.property(requestArbitrary, allocationArbitrary, allocationArbitrary, (request, one, other) => {
        fc.pre(isExact(request, Math.max(one, other)))
        const less = quantityLots(request, Math.min(one, other))
        expect(less).toBeLessThanOrEqual(quantityLots(request, Math.max(one, other)))
      }),
      { seed, numRuns: 3000 },
    )
  })

  test('sizing: the smallest allocation buys a lot, a minor unit less buys none, and Infinity means that nothing does', () => {
    let finite = 0
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const smallest = smallestAllocationMinor(model, request)
        if (smallest === Number.POSITIVE_INFINITY) {
          expect(quantityLots(request, 100_000_000_000_000)).toBe(0)
          return
        }
        finite += 1
        expect(quantityLots(request, smallest)).toBeGreaterThanOrEqual(1)
        expect(quantityLots(request, smallest - 1)).toBe(0)
      }),
      { seed, numRuns: 5000 },
    )
    expect(finite).toBeGreaterThan(500)
  })

  test('sizing: wherever the market is at the arrival, what is filled keeps FILL-1 and FILL-2, and an unmoved market fills', () => {
    const arrivalArbitrary = fc.record({ bps: fc.integer({ min: -30, max: 30 }), isCareless: fc.boolean() })
    const seen = { filled: 0, beyond_limit: 0, beyond_margin: 0, end_of_data: 0 }
    /** Without the order's terms, as a market order would be filled: the canary. */
    let broken = 0
    fc.assert(
      fc.property(requestArbitrary, allocationArbitrary, arrivalArbitrary, (given, allocation, { bps, isCareless }) => {
        fc.pre(isExact(given, allocation))
        const { lastTicks, instrument } = given
        const isLong = given.plan.side === 'long'
        // A trade wants its stop on the losing side of its target, at which sizing does not look.
        const stopTicks = given.plan.stopTicks + 1
        const plan = { ...given.plan, stopTicks, targetTicks: isLong ? 2 * lastTicks + stopTicks : 1 }
        // With so much to risk, capital is what bounds.
        const request = { ...given, plan, riskBudgetMinor: isCareless ? 1e13 : given.riskBudgetMinor }
        const order = entryOrderOf(model, request, allocation)
        if (order === null) return
        const arrivalTicks = Math.max(1, lastTicks + Math.round((lastTicks * bps) / 10_000))
        const fillAt = (entry: typeof order): SimulatedTrade => {
          const trade = new SimulatedTrade(instrument, model, request.plan, entry, 0, new Timeline(0))
          trade.onDue({ lastTicks: arrivalTicks, oracleTicks: Number.NaN, fundingRate: Number.NaN })
          return trade
        }
        const keeps = ({ entryTicks }: SimulatedTrade): boolean => {
          const entry = BigInt(entryTicks)
          const stop = BigInt(request.plan.stopTicks)
          const worth = BigInt(order.quantityLots) * entry * 100n
          const risk = BigInt(order.quantityLots) * (isLong ? entry - stop : stop - entry) * 100n
          const unit = unitOf(request)
          return worth <= powerOf(request, allocation) * unit && risk <= BigInt(request.riskBudgetMinor) * unit
        }
        const trade = fillAt(order)
        seen[trade.refusal?.reason ?? 'filled'] += 1
        if (trade.refusal === null) expect(keeps(trade)).toBe(true)
        if (arrivalTicks === lastTicks) expect(trade.refusal).toBeNull()
        const anywhere = {
          limitTicks: isLong ? Number.MAX_SAFE_INTEGER : 1,
          notionalMaxMinor: Number.MAX_SAFE_INTEGER,
        }
        if (!keeps(fillAt({ ...order, ...anywhere }))) broken += 1
      }),
      { seed, numRuns: 20_000 },
    )
    expect(seen.end_of_data).toBe(0)
    expect(Math.min(seen.filled, seen.beyond_limit, seen.beyond_margin)).toBeGreaterThan(100)
    expect(broken).toBeGreaterThan(500)
  })
})
