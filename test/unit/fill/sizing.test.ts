import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../../src/domain/instrument.ts'
import type { TradePlan } from '../../../src/domain/order.ts'
import { createFillModel, type FillModel } from '../../../src/fill/model.ts'
import { entryOrderOf, riskBudgetOf, type SizingRequest, smallestAllocationMinor } from '../../../src/fill/sizing.ts'

const btc: Instrument = { symbol: 'BTC', priceDecimals: 1, sizeDecimals: 5 }
const frictionless = createFillModel({ takerFeeBps: 0, makerFeeBps: 0, slippageBps: 0, entryLimitBps: 0, latencyNs: 0 })
const long: TradePlan = { side: 'long', sizeFraction: 1, targetTicks: 510_000, stopTicks: 490_000, timeStopNs: 1 }

function request(changes: Partial<SizingRequest> = {}): SizingRequest {
  return {
    instrument: btc,
    plan: long,
    lastTicks: 500_000,
    leverage: 1,
    riskBudgetMinor: 1_000_000_000,
    ...changes,
  }
}

const quantityLots = (model: FillModel, sized: SizingRequest, allocationMinor: number): number =>
  entryOrderOf(model, sized, allocationMinor)?.quantityLots ?? 0

describe('sizing', () => {
  test('sizing: 5,000 at a price of 50,000 buys a tenth of a coin', () => {
    expect(quantityLots(frictionless, request(), 500_000)).toBe(10_000)
  })

  test('sizing: leverage multiplies what the allocation buys', () => {
    expect(quantityLots(frictionless, request({ leverage: 2.5 }), 500_000)).toBe(25_000)
  })

  test('sizing: the risk budget ÷ the distance to the stop is the other bound', () => {
    // 200 at risk over a distance of 1,000 a coin: 0.2 coins, though the allocation would buy 0.5.
    const budget = riskBudgetOf(1_000_000, 0.02)
    expect(budget).toBe(20_000)
    expect(quantityLots(frictionless, request({ riskBudgetMinor: budget }), 2_500_000)).toBe(20_000)
  })

  test('sizing: a quantity between two lots is rounded down', () => {
    // A lot is worth 50 cents.
    expect(quantityLots(frictionless, request(), 149)).toBe(2)
    expect(quantityLots(frictionless, request(), 49)).toBe(0)
  })

  test('sizing: the price is the one that slippage leads to, on either side', () => {
    const slipping = createFillModel({ slippageBps: 100, entryLimitBps: 0 })
    expect(quantityLots(slipping, request(), 505_000)).toBe(10_000)
    expect(quantityLots(slipping, request(), 504_999)).toBe(9_999)
    const short: TradePlan = { ...long, side: 'short', targetTicks: 400_000, stopTicks: 510_000 }
    expect(quantityLots(slipping, request({ plan: short }), 495_000)).toBe(10_000)
  })

  test('sizing: a long is sized at its limit, so that a fill there spends the allocation and no more', () => {
    const wary = createFillModel({ slippageBps: 50, entryLimitBps: 50 })
    expect(entryOrderOf(wary, request(), 505_000)).toEqual({
      quantityLots: 10_000,
      limitTicks: 505_000,
      notionalMaxMinor: 505_000,
    })
    expect(quantityLots(wary, request(), 504_999)).toBe(9_999)
    expect(smallestAllocationMinor(wary, request())).toBe(51)
  })

  test('sizing: a short has its limit below, and is sized above, where it would be worth most', () => {
    const wary = createFillModel({ slippageBps: 50, entryLimitBps: 150 })
    const short: TradePlan = { ...long, side: 'short', targetTicks: 400_000, stopTicks: 510_000 }
    expect(entryOrderOf(wary, request({ plan: short }), 505_000)).toEqual({
      quantityLots: 10_000,
      limitTicks: 490_000,
      notionalMaxMinor: 505_000,
    })
    expect(quantityLots(wary, request({ plan: short }), 504_999)).toBe(9_999)
  })

  test('sizing: the distance to the stop begins at the limit, the furthest that the entry may be from it', () => {
    const wary = createFillModel({ slippageBps: 100, entryLimitBps: 100 })
    // From a limit of 51,000 to the stop at 49,000, and from 49,000 to 51,000: 2,000 a coin, 200 at risk.
    const budget = { riskBudgetMinor: 20_000 }
    expect(quantityLots(wary, request(budget), 1e9)).toBe(10_000)
    const short: TradePlan = { ...long, side: 'short', targetTicks: 400_000, stopTicks: 510_000 }
    expect(quantityLots(wary, request({ ...budget, plan: short }), 1e9)).toBe(10_000)
  })

  test('sizing: a part of a tick of the allowance is given away, never kept', () => {
    const model = createFillModel({ slippageBps: 0, entryLimitBps: 1 })
    expect(entryOrderOf(model, request({ lastTicks: 500_001 }), 1e9)!.limitTicks).toBe(500_052)
    const short: TradePlan = { ...long, side: 'short', targetTicks: 1, stopTicks: 510_000 }
    expect(entryOrderOf(model, request({ lastTicks: 500_001, plan: short }), 1e9)!.limitTicks).toBe(499_950)
    expect(entryOrderOf(model, request({ lastTicks: 1, plan: short }), 1e9)!.limitTicks).toBe(1)
  })

  test('sizing: at or beyond the stop nothing is bought, whatever the allocation', () => {
    for (const lastTicks of [490_000, 489_999, 100]) {
      // With an allowance too, whose limit may lie on the right side of the stop again.
      for (const model of [frictionless, createFillModel({ entryLimitBps: 100 })]) {
        expect(entryOrderOf(model, request({ lastTicks }), 1e9)).toBeNull()
        expect(smallestAllocationMinor(model, request({ lastTicks }))).toBe(Number.POSITIVE_INFINITY)
      }
    }
  })

  test('sizing: the smallest allocation of a lot of 50 cents is 50 cents, and 25 at leverage 2', () => {
    expect(smallestAllocationMinor(frictionless, request())).toBe(50)
    expect(smallestAllocationMinor(frictionless, request({ leverage: 2 }))).toBe(25)
  })

  test('sizing: a risk budget below the cost of one lot at the stop needs an infinite allocation', () => {
    // One lot loses one cent between 50,000 and 49,000.
    expect(smallestAllocationMinor(frictionless, request({ riskBudgetMinor: 1 }))).toBe(50)
    expect(smallestAllocationMinor(frictionless, request({ riskBudgetMinor: 0 }))).toBe(Number.POSITIVE_INFINITY)
  })

  test("sizing: the plan's fraction is taken of the quantity and asks for that much more", () => {
    const half = request({ plan: { ...long, sizeFraction: 0.5 } })
    expect(quantityLots(frictionless, half, 500_000)).toBe(5_000)
    expect(smallestAllocationMinor(frictionless, half)).toBe(100)
  })

  test('sizing: a stop one tick away on the finest grid does not leave the exact range', () => {
    const fine: Instrument = { symbol: 'X', priceDecimals: 8, sizeDecimals: 8 }
    const plan: TradePlan = { ...long, stopTicks: 99_999_999, targetTicks: 200_000_000 }
    const request: SizingRequest = { instrument: fine, plan, lastTicks: 1e8, leverage: 1, riskBudgetMinor: 1e12 }
    expect(quantityLots(frictionless, request, 1_000_000)).toBe(1e12)
  })

  test.each([
    ['leverage', { leverage: 0.5 }],
    ['sizeFraction', { plan: { ...long, sizeFraction: 0 } }],
    ['sizeFraction', { plan: { ...long, sizeFraction: 1.5 } }],
    ['lastTicks', { lastTicks: Number.NaN }],
    ['riskBudgetMinor', { riskBudgetMinor: -1 }],
  ])('sizing: %s out of range is refused by name', (field, changes) => {
    expect(() => quantityLots(frictionless, request(changes), 1)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field }),
    )
  })
})

describe('fill model', () => {
  test.each([
    ['takerFeeBps', { takerFeeBps: -1 }],
    ['makerFeeBps', { makerFeeBps: 4.555 }],
    ['slippageBps', { slippageBps: Number.NaN }],
    ['entryLimitBps', { entryLimitBps: 1000.5 }],
    ['latencyNs', { latencyNs: 1.5 }],
  ])('fill model: %s out of range is refused by name', (field, options) => {
    expect(() => createFillModel(options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field }))
  })

  test('fill model: two decimals of a basis point are whole parts per million', () => {
    expect(createFillModel()).toMatchObject({
      takerFeePpm: 450,
      makerFeePpm: 150,
      slippagePpm: 100,
      entryLimitPpm: 1000,
    })
    expect(createFillModel({ takerFeeBps: 0.29 }).takerFeePpm).toBe(29)
  })
})
