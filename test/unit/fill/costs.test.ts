import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../../src/domain/instrument.ts'
import { Timeline } from '../../../src/domain/units.ts'
import { divideNearest, multiplyDivideCeil, multiplyDivideFloor } from '../../../src/fill/exact.ts'
import { feeMinor } from '../../../src/fill/fees.ts'
import { FundingAccount, fundingHourAfter } from '../../../src/fill/funding.ts'
import { createFillModel } from '../../../src/fill/model.ts'
import { buyTicks, sellTicks } from '../../../src/fill/slippage.ts'

const btc: Instrument = { symbol: 'BTC', priceDecimals: 1, sizeDecimals: 5 }
const hourNs = 3_600_000_000_000

describe('slippage', () => {
  const model = createFillModel({ slippageBps: 1 })

  test('slippage: a buy is filled above and a sale below the last price, to the tick', () => {
    expect(buyTicks(model, 500_000)).toBe(500_050)
    expect(sellTicks(model, 500_000)).toBe(499_950)
  })

  test('slippage: a part of a tick is rounded against us', () => {
    expect(buyTicks(model, 500_001)).toBe(500_052)
    expect(sellTicks(model, 500_001)).toBe(499_950)
    expect(buyTicks(model, 7)).toBe(8)
    expect(sellTicks(model, 7)).toBe(6)
  })

  test('slippage: none leaves the price as it is, and a sale never falls to nothing', () => {
    const none = createFillModel({ slippageBps: 0 })
    expect([buyTicks(none, 7), sellTicks(none, 7)]).toEqual([7, 7])
    expect(sellTicks(model, 1)).toBe(1)
  })

  test('slippage: prices whose product passes 2^53 stay exact', () => {
    expect(buyTicks(model, 90_000_000_000_001)).toBe(90_009_000_000_002)
    expect(sellTicks(model, 90_000_000_000_001)).toBe(89_991_000_000_000)
  })
})

describe('fees', () => {
  test('fees: 4.5 basis points of one coin at 50,000 are 22.50', () => {
    expect(feeMinor(btc, 500_000, 100_000, 450)).toBe(2_250)
  })

  test('fees: half a cent is rounded up, and both ways of computing agree there', () => {
    // One lot at 50,000 is worth 50 cents; 10,000 parts per million of it are half a cent.
    expect(feeMinor(btc, 500_000, 1, 10_000)).toBe(1)
    expect(feeMinor(btc, 499_999, 1, 10_000)).toBe(0)
    const fine: Instrument = { symbol: 'X', priceDecimals: 8, sizeDecimals: 8 }
    expect(feeMinor(fine, 5e12, 1000, 10_000)).toBe(1)
    expect(feeMinor(fine, 5e12 - 1, 1000, 10_000)).toBe(0)
  })
})

describe('funding', () => {
  test('funding: the next full UTC hour is strictly after, whatever the epoch', () => {
    const midnight = new Timeline(1_750_000_000_000 - (1_750_000_000_000 % 86_400_000))
    expect(fundingHourAfter(midnight, 0)).toBe(hourNs)
    expect(fundingHourAfter(midnight, hourNs - 1)).toBe(hourNs)
    expect(fundingHourAfter(midnight, hourNs)).toBe(2 * hourNs)
    const quarterPast = new Timeline(midnight.epochMs + 900_000)
    expect(fundingHourAfter(quarterPast, 0)).toBe(0.75 * hourNs)
    expect(fundingHourAfter(quarterPast, 0.75 * hourNs)).toBe(1.75 * hourNs)
  })

  test('funding: longs pay and shorts receive when the rate is positive, at the oracle price', () => {
    const account = new FundingAccount()
    account.book(500_000, 1.25e-5)
    expect(account.totalMinor(btc, 'long', 1_000_000)).toBe(-625)
    expect(account.totalMinor(btc, 'short', 1_000_000)).toBe(625)
    account.book(500_000, -2.5e-5)
    expect(account.totalMinor(btc, 'long', 1_000_000)).toBe(625)
  })

  test('funding: hours of a third of a cent add up before they are rounded', () => {
    const account = new FundingAccount()
    // 0.00532 coins at 50,000 are 266.00; a rate of 1.25e-05 is a third of a cent an hour.
    for (let hour = 0; hour < 3; hour += 1) account.book(500_000, 1.25e-5)
    expect(account.totalMinor(btc, 'long', 532)).toBe(-1)
  })

  test('funding: an hour without a known rate or price is counted and books nothing', () => {
    const account = new FundingAccount()
    account.book(Number.NaN, 1e-5)
    account.book(500_000, Number.NaN)
    expect(account.unknownHours).toBe(2)
    expect(Object.is(account.totalMinor(btc, 'long', 1_000_000), 0)).toBe(true)
  })
})

describe('exact ratios', () => {
  test('exact ratios: both ways of computing meet at 2^53 without a gap', () => {
    const big = Number.MAX_SAFE_INTEGER
    expect(multiplyDivideFloor(big, 1, 2)).toBe(4_503_599_627_370_495)
    expect(multiplyDivideCeil(big, 1, 2)).toBe(4_503_599_627_370_496)
    expect(multiplyDivideFloor(big, 3, 4)).toBe(6_755_399_441_055_743)
    expect(multiplyDivideCeil(big, 3, 4)).toBe(6_755_399_441_055_744)
    expect(multiplyDivideFloor(big, 2, 1)).toBe(Number.POSITIVE_INFINITY)
  })

  test('exact ratios: halves go away from zero and there is no negative zero', () => {
    expect([divideNearest(5n, 10n), divideNearest(-5n, 10n), divideNearest(4n, 10n)]).toEqual([1, -1, 0])
    expect(Object.is(divideNearest(-4n, 10n), 0)).toBe(true)
  })
})
