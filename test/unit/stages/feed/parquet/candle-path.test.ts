import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candle, CandlePath, candleLotsMin } from '../../../../../src/stages/feed/parquet/candle-path.ts'

const candleOf = (
  openTicks: number,
  highTicks: number,
  lowTicks: number,
  closeTicks: number,
  volumeLots = 10,
): Candle => ({
  openTicks,
  highTicks,
  lowTicks,
  closeTicks,
  volumeLots,
})

const pathOf = (path: CandlePath, candle: Candle, symbolIndex = 0): [number, number, number][] => {
  path.walk(symbolIndex, candle)
  return path.steps.map(({ priceTicks, quantityLots, aggressor }) => [priceTicks, quantityLots, aggressor])
}

describe('candle path', () => {
  it('candle path: one that rose goes to its low first, one that fell to its high', () => {
    expect(pathOf(new CandlePath(), candleOf(100, 110, 90, 105))).toEqual([
      [100, 2, 1],
      [90, 2, -1],
      [110, 2, 1],
      [105, 4, -1],
    ])
    expect(pathOf(new CandlePath(), candleOf(105, 110, 90, 100))).toEqual([
      [105, 2, -1],
      [110, 2, 1],
      [90, 2, -1],
      [100, 4, 1],
    ])
  })

  it('candle path: at an equal price the aggressor is the one before, from candle to candle, symbol by symbol', () => {
    const path = new CandlePath()
    pathOf(path, candleOf(100, 100, 90, 90))
    expect(pathOf(path, candleOf(90, 90, 90, 90))).toEqual([
      [90, 2, -1],
      [90, 2, -1],
      [90, 2, -1],
      [90, 4, -1],
    ])
    expect(pathOf(path, candleOf(90, 90, 90, 90), 1)[0]).toEqual([90, 2, 1])
    expect(pathOf(path, candleOf(91, 91, 91, 91))[0]).toEqual([91, 2, 1])
  })

  it('candle path: has the candle’s extremes, begins and ends as it did, and loses no lot', () => {
    const candles = fc
      .tuple(
        fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 4, maxLength: 4 }),
        fc.integer({ min: candleLotsMin, max: 2 ** 52 }),
      )
      .map(([prices, lots]) => {
        const [low, one, other, high] = prices.toSorted((a, b) => a - b) as [number, number, number, number]
        return candleOf(one, high, low, other, lots)
      })
    fc.assert(
      fc.property(fc.array(candles, { minLength: 1, maxLength: 5 }), (all) => {
        const path = new CandlePath()
        for (const candle of all) {
          const steps = pathOf(path, candle)
          const prices = steps.map(([price]) => price)
          expect(prices.at(0)).toBe(candle.openTicks)
          expect(prices.at(-1)).toBe(candle.closeTicks)
          expect(Math.min(...prices)).toBe(candle.lowTicks)
          expect(Math.max(...prices)).toBe(candle.highTicks)
          expect(steps.reduce((sum, [, lots]) => sum + lots, 0)).toBe(candle.volumeLots)
          for (const [, lots, aggressor] of steps) {
            expect(lots).toBeGreaterThan(0)
            expect(Math.abs(aggressor)).toBe(1)
          }
        }
      }),
    )
  })
})
