import { describe, expect, it } from 'vitest'
import { hotFieldIndex, hotFields } from '../../../../src/domain/hot-state.ts'
import { createMarketRecord } from '../../../../src/domain/market.ts'
import { keepOneSecond } from '../../../../src/stages/state/long-run-mean.ts'
import { MarketState } from '../../../../src/stages/state/market-state.ts'

describe('market state', () => {
  it('keeps one row a symbol in one array, and counts all applied records as its version', () => {
    const market = new MarketState(3)
    expect(market.rows.length).toBe(3 * hotFields.length)
    const record = createMarketRecord()
    market.apply({ ...record, symbolIndex: 1, priceTicks: 500, quantityLots: 2, aggressor: 1, atNs: 5 })
    market.apply({ ...record, symbolIndex: 2, priceTicks: 700, quantityLots: 2, aggressor: 1, atNs: 6 })
    expect(market.version).toBe(2)
    expect(market.rows[hotFields.length + hotFieldIndex.lastTicks]).toBe(500)
    expect(market.row(2)[hotFieldIndex.lastTicks]).toBe(700)
    expect(market.row(0)[hotFieldIndex.lastTicks]).toBeNaN()
  })

  it('writes into rows that it is given, and refuses rows of another size', () => {
    const rows = new Float64Array(hotFields.length)
    new MarketState(1, rows).apply({ ...createMarketRecord(), priceTicks: 9 })
    expect(rows[hotFieldIndex.lastTicks]).toBe(9)
    expect(() => new MarketState(2, rows)).toThrow(/rows.length/)
    expect(() => new MarketState(0)).toThrow(/symbolCount/)
  })

  it('forgets half of what it knew in the documented half-life', () => {
    expect(keepOneSecond ** 1800).toBeCloseTo(0.5, 12)
  })
})
