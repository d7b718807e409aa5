/** Sizing against the bounds that define it, in bigints. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Side } from '../../../src/domain/event.ts'
import { createFillModel } from '../../../src/fill/model.ts'
import { quantityLots, type SizingRequest, smallestAllocationMinor } from '../../../src/fill/sizing.ts'
import { marketEntryTicks } from '../../../src/fill/slippage.ts'

const seed = 20_250_127
const model = createFillModel({ slippageBps: 2.5 })

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

/** Whether `lots` before the plan's fraction satisfy both bounds of ERRATA E16. */
function fits(request: SizingRequest, allocationMinor: number, lots: bigint): boolean {
  const unit = 10n ** BigInt(request.instrument.priceDecimals + request.instrument.sizeDecimals)
  const entry = BigInt(marketEntryTicks(model, request.plan.side, request.lastTicks))
  const stop = BigInt(request.plan.stopTicks)
  const distance = request.plan.side === 'long' ? entry - stop : stop - entry
  const power = (BigInt(allocationMinor) * BigInt(Math.round(request.leverage * 1e6))) / 1_000_000n
  if (distance <= 0n) return lots === 0n
  return lots * entry * 100n <= power * unit && lots * distance * 100n <= BigInt(request.riskBudgetMinor) * unit
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
        const lots = BigInt(quantityLots(model, whole, allocationMinor))
        expect(fits(request, allocationMinor, lots)).toBe(true)
        expect(fits(request, allocationMinor, lots + 1n)).toBe(false)
        const fraction = BigInt(Math.round(request.plan.sizeFraction * 1e6))
        expect(BigInt(quantityLots(model, request, allocationMinor))).toBe((lots * fraction) / 1_000_000n)
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
        const less = quantityLots(model, request, Math.min(one, other))
        expect(less).toBeLessThanOrEqual(quantityLots(model, request, Math.max(one, other)))
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
          expect(quantityLots(model, request, 100_000_000_000_000)).toBe(0)
          return
        }
        finite += 1
        expect(quantityLots(model, request, smallest)).toBeGreaterThanOrEqual(1)
        expect(quantityLots(model, request, smallest - 1)).toBe(0)
      }),
      { seed, numRuns: 5000 },
    )
    expect(finite).toBeGreaterThan(500)
  })
})
