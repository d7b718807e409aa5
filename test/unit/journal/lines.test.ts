import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../../src/domain/instrument.ts'
import { parseLossless } from '../../../src/domain/lossless-json.ts'
import type { TradeOutcome } from '../../../src/domain/outcome.ts'
import { eventLine } from '../../../src/journal/event-line.ts'
import { refusalLine } from '../../../src/journal/refusal-line.ts'
import { tradeLine } from '../../../src/journal/trade-line.ts'

const btc: Instrument = { symbol: 'BTC', priceDecimals: 1, sizeDecimals: 5 }
const outcome: TradeOutcome = {
  entryTicks: 500_050,
  exitTicks: 510_000,
  entryAtNs: 1_050_000_000,
  exitAtNs: 46_050_999_999,
  quantityLots: 12_340,
  feesMinor: 302,
  fundingMinor: -5,
  pnlMinor: 9_643,
  exitReason: 'target_hit',
}

describe('journal lines', () => {
  test("trade line: has the contract's keys in its order, money with cents, prices and quantity in units", () => {
    const line = tradeLine({
      eventId: 'cascade_BTC_1',
      arbitrationId: 'arb_20250121_070038_000001',
      instrument: btc,
      side: 'short',
      capitalMinor: 1_000_000,
      outcome,
    })
    expect(line).toBe(
      '{"event_id":"cascade_BTC_1","arbitration_id":"arb_20250121_070038_000001","symbol":"BTC","side":"short",' +
        '"quantity":0.1234,"capital":10000,"fees":3.02,"funding":-0.05,' +
        '"outcome":{"entry_price":50005,"exit_price":51000,"pnl":96.43,"hold_time_ms":45000,"exit_reason":"target_hit"}}',
    )
  })

  test('trade line: an id with quotes, the finest grid and a loss are valid JSON', () => {
    const fine: Instrument = { symbol: 'X"Y', priceDecimals: 8, sizeDecimals: 8 }
    const line = tradeLine({
      eventId: 'a"b\\c',
      arbitrationId: 'x',
      instrument: fine,
      side: 'long',
      capitalMinor: 1,
      outcome: { ...outcome, entryTicks: 1, exitTicks: 3, quantityLots: 1, pnlMinor: -1, exitReason: 'end_of_data' },
    })
    expect(parseLossless(line)).toMatchObject({
      event_id: 'a"b\\c',
      symbol: 'X"Y',
      quantity: 1e-8,
      outcome: { entry_price: 1e-8, exit_price: 3e-8, pnl: -0.01 },
    })
  })

  test('refusal line: says what was asked for, its limit and the price beyond it, or null for an entry that never arrived', () => {
    const entry = {
      eventId: 'cascade_BTC_1',
      arbitrationId: 'arb_20250121_070038_000001',
      instrument: btc,
      side: 'short' as const,
      capitalMinor: 1_000_000,
      order: { quantityLots: 12_340, limitTicks: 500_050, notionalMaxMinor: 1_000_000 },
      refusal: { reason: 'beyond_limit' as const, atNs: 5, priceTicks: 499_000 },
      atNs: 1737442838123456789n,
    }
    expect(refusalLine(entry)).toBe(
      '{"event_id":"cascade_BTC_1","arbitration_id":"arb_20250121_070038_000001","symbol":"BTC","side":"short",' +
        '"quantity":0.1234,"capital":10000,"at_ns":1737442838123456789,"reason":"beyond_limit",' +
        '"limit_price":50005,"price":49900}',
    )
    const never = { reason: 'end_of_data' as const, atNs: 5, priceTicks: Number.NaN }
    expect(parseLossless(refusalLine({ ...entry, refusal: never }))).toMatchObject({ price: null })
  })

  test('event line: writes the time digit by digit, 12 significant digits, and null for what could not be known', () => {
    const event = {
      eventId: 'cascade_BTC_1737442835123',
      eventType: 'LIQUIDATION_CASCADE',
      symbol: 'BTC',
      side: 'short' as const,
      priorityScore: 1 / 3,
      evidence: { sigma: 4.123456789012345, lots: 120_000, oi_change: Number.NaN },
    }
    const line = eventLine(event, 'TRIGGERED', 1737442838123456789n)
    expect(line).toBe(
      '{"event_id":"cascade_BTC_1737442835123","event_type":"LIQUIDATION_CASCADE","symbol":"BTC","side":"short",' +
        '"state":"TRIGGERED","at_ns":1737442838123456789,"priority_score":0.333333333333,' +
        '"evidence":{"sigma":4.12345678901,"lots":120000,"oi_change":null}}',
    )
    expect(parseLossless(line)).toMatchObject({ at_ns: 1737442838123456789n })
    expect(() => eventLine({ ...event, evidence: { ratio: 1 / 0 } }, 'ACTIVE', 0n)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field: 'ratio' }),
    )
  })
})
