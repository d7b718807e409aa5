import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../../src/domain/instrument.ts'
import type { EntryOrder, TradePlan } from '../../../src/domain/order.ts'
import { Timeline } from '../../../src/domain/units.ts'
import { createFillModel } from '../../../src/fill/model.ts'
import { type MarketView, SimulatedTrade } from '../../../src/fill/trade.ts'

const btc: Instrument = { symbol: 'BTC', priceDecimals: 1, sizeDecimals: 5 }
const timeline = new Timeline(1_749_945_600_000)
const second = 1_000_000_000
const hour = 3600 * second
const latency = 50_000_000
const model = createFillModel({ takerFeeBps: 4.5, makerFeeBps: 1.5, slippageBps: 1, latencyNs: latency })
const long: TradePlan = {
  side: 'long',
  sizeFraction: 1,
  targetTicks: 510_000,
  stopTicks: 490_000,
  timeStopNs: 300 * second,
}
const short: TradePlan = { ...long, side: 'short', targetTicks: 490_000, stopTicks: 510_000 }
/** A tenth of a coin, for which nothing is too far or too dear. */
const lots = 10_000
const orderOf = (plan: TradePlan, changes: Partial<EntryOrder> = {}): EntryOrder => ({
  quantityLots: lots,
  limitTicks: plan.side === 'long' ? Number.MAX_SAFE_INTEGER : 1,
  notionalMaxMinor: Number.MAX_SAFE_INTEGER,
  ...changes,
})

function submit(plan: TradePlan = long, atNs = second, changes: Partial<EntryOrder> = {}): SimulatedTrade {
  return new SimulatedTrade(btc, model, plan, orderOf(plan, changes), atNs, timeline)
}

function market(lastTicks: number, oracleTicks = Number.NaN, fundingRate = Number.NaN): MarketView {
  return { lastTicks, oracleTicks, fundingRate }
}

function opened(plan: TradePlan = long, atNs = second): SimulatedTrade {
  const trade = submit(plan, atNs)
  trade.onDue(market(500_000))
  return trade
}

describe('simulated trade', () => {
  test('trade: the entry is filled at its arrival, at the last price then moved against us', () => {
    const trade = submit()
    expect(trade.state).toBe('entering')
    expect(trade.entryTicks).toBeNaN()
    trade.onTrade(499_000, second + 10)
    expect(trade.nextDueNs).toBe(second + latency)
    trade.onDue(market(500_000))
    expect([trade.state, trade.entryTicks, trade.entryAtNs]).toEqual(['open', 500_050, second + latency])
    const sold = opened(short)
    expect(sold.entryTicks).toBe(499_950)
  })

  test('trade: a target is filled at its price by the first print at or through it, with the maker fee', () => {
    const trade = opened()
    trade.onTrade(509_999, 2 * second)
    expect(trade.state).toBe('open')
    trade.onTrade(510_700, 3 * second)
    // (51,000 − 50,005) × 0.1 = 99.50; fees 4.5 bp of 5,000.50 = 2.25 and 1.5 bp of 5,100 = 0.765.
    expect(trade.outcome).toEqual({
      entryTicks: 500_050,
      exitTicks: 510_000,
      entryAtNs: second + latency,
      exitAtNs: 3 * second,
      quantityLots: lots,
      feesMinor: 225 + 77,
      fundingMinor: 0,
      pnlMinor: 9_950 - 302,
      exitReason: 'target_hit',
    })
    expect([trade.state, trade.nextDueNs]).toEqual(['closed', Number.POSITIVE_INFINITY])
  })

  test('trade: a stop becomes a market order that meets the last price at its arrival', () => {
    const trade = opened()
    trade.onTrade(490_000, 2 * second)
    expect([trade.state, trade.nextDueNs]).toEqual(['exiting', 2 * second + latency])
    trade.onTrade(488_000, 2 * second + 1)
    trade.onDue(market(488_000))
    expect(trade.outcome).toMatchObject({
      exitTicks: 487_951,
      exitAtNs: 2 * second + latency,
      exitReason: 'stop_hit',
      feesMinor: 225 + 220,
      pnlMinor: -(500_050 - 487_951) - 445,
    })
  })

  test('trade: a short is the mirror of a long', () => {
    const target = opened(short)
    target.onTrade(489_000, 2 * second)
    expect(target.outcome).toMatchObject({ exitTicks: 490_000, exitReason: 'target_hit', pnlMinor: 9_950 - 225 - 74 })
    const stop = opened(short)
    stop.onTrade(510_000, 2 * second)
    stop.onDue(market(511_000))
    expect(stop.outcome).toMatchObject({ exitTicks: 511_052, exitReason: 'stop_hit' })
  })

  test('trade: once an exit is on its way, its reason stands and the target is not filled any more', () => {
    const trade = opened()
    trade.onEventEnded('invalidated', 2 * second)
    trade.onTrade(515_000, 2 * second + 1)
    trade.onTrade(480_000, 2 * second + 2)
    trade.onEventEnded('event_completed', 2 * second + 3)
    trade.onDue(market(480_000))
    expect(trade.outcome).toMatchObject({ exitTicks: 479_952, exitReason: 'invalidated' })
  })

  test('trade: the time stop counts from the entry, and its exit arrives after the latency', () => {
    const trade = opened()
    expect(trade.nextDueNs).toBe(second + latency + 300 * second)
    trade.onDue(market(501_000))
    expect([trade.state, trade.nextDueNs]).toEqual(['exiting', second + 2 * latency + 300 * second])
    trade.onDue(market(502_000))
    expect(trade.outcome).toMatchObject({ exitReason: 'time_stop', exitTicks: 501_949 })
  })

  test('trade: an event that ends while the entry is on its way lets it fill, then exits after one more latency', () => {
    const trade = submit()
    trade.onEventEnded('event_completed', second + 1)
    trade.onEventEnded('invalidated', second + 2)
    expect(trade.state).toBe('entering')
    trade.onDue(market(500_000))
    expect([trade.state, trade.nextDueNs]).toEqual(['exiting', second + 2 * latency])
    trade.onDue(market(500_000))
    expect(trade.outcome).toMatchObject({ exitReason: 'event_completed', exitTicks: 499_950 })
  })

  test('trade: a stop crossed while the entry is on its way counts only if the price is there at its arrival', () => {
    const back = submit()
    back.onTrade(480_000, second + 1)
    back.onDue(market(500_000))
    expect(back.state).toBe('open')
    const there = submit()
    there.onDue(market(490_000))
    expect([there.state, there.nextDueNs]).toEqual(['exiting', second + 2 * latency])
    there.onDue(market(495_000))
    expect(there.outcome).toMatchObject({ entryTicks: 490_049, exitReason: 'stop_hit', exitTicks: 494_950 })
  })

  test('trade: the end of the data closes an open position at the market and leaves an entry that never arrived without outcome', () => {
    const trade = opened()
    trade.finish(5 * second, 505_000)
    expect(trade.outcome).toMatchObject({ exitReason: 'end_of_data', exitTicks: 504_949, exitAtNs: 5 * second })
    const never = submit()
    never.finish(second + 1, 505_000)
    expect([never.state, never.outcome, never.nextDueNs]).toEqual(['closed', null, Number.POSITIVE_INFINITY])
    expect(never.refusal).toEqual({ reason: 'end_of_data', atNs: second + 1, priceTicks: Number.NaN })
    expect(trade.refusal).toBeNull()
    const exiting = opened()
    exiting.onEventEnded('event_completed', 2 * second)
    exiting.finish(2 * second + 1, 505_000)
    expect(exiting.outcome).toMatchObject({ exitReason: 'end_of_data' })
  })

  test('trade: funding is booked each full hour after the entry, and once more when the exit arrives at one', () => {
    const plan = { ...long, timeStopNs: 2 * hour - 2 * latency }
    const trade = opened(plan, hour - latency)
    expect(trade.entryAtNs).toBe(hour)
    expect(trade.nextDueNs).toBe(2 * hour)
    trade.onDue(market(500_000, 500_000, 1e-3))
    expect(trade.nextDueNs).toBe(3 * hour - 2 * latency)
    trade.onDue(market(500_000, 500_000, 1e-3))
    expect([trade.state, trade.nextDueNs]).toEqual(['exiting', 3 * hour - latency])
    trade.onDue(market(500_000, 500_000, 1e-3))
    expect(trade.outcome).toMatchObject({ fundingMinor: -500 })

    const onTheHour = opened({ ...plan, timeStopNs: 2 * hour - latency }, hour - latency)
    for (const expected of [2 * hour, 3 * hour - latency, 3 * hour, 3 * hour]) {
      expect(onTheHour.nextDueNs).toBe(expected)
      onTheHour.onDue(market(500_000, 500_000, 1e-3))
    }
    expect(onTheHour.outcome).toMatchObject({ fundingMinor: -1000, exitAtNs: 3 * hour })
  })

  test('trade: without latency an order sent is due at once', () => {
    const instant = createFillModel({ latencyNs: 0 })
    const trade = new SimulatedTrade(btc, instant, long, orderOf(long), second, timeline)
    expect(trade.nextDueNs).toBe(second)
    trade.onDue(market(500_000))
    trade.onTrade(490_000, second)
    expect(trade.nextDueNs).toBe(second)
    trade.onDue(market(490_000))
    expect(trade.outcome).toMatchObject({ entryAtNs: second, exitAtNs: second, exitReason: 'stop_hit' })
  })

  test('trade: a record that passes something due, or goes back in time, is refused', () => {
    const trade = submit()
    expect(() => trade.onTrade(500_000, second + latency + 1)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field: 'atNs' }),
    )
    expect(() => trade.finish(second - 1, 500_000)).toThrow(expect.objectContaining({ field: 'atNs' }))
    trade.finish(second, 500_000)
    expect(() => trade.onDue(market(500_000))).toThrow(expect.objectContaining({ field: 'nextDueNs' }))
  })

  test('trade: an entry is filled at its limit and refused one tick beyond it, on either side', () => {
    // The last price of 500,000 fills a buy at 500,050 and a sale at 499,950.
    for (const [plan, atLimit, beyond] of [
      [long, 500_050, 500_049],
      [short, 499_950, 499_951],
    ] as const) {
      const filled = submit(plan, second, { limitTicks: atLimit })
      filled.onDue(market(500_000))
      expect([filled.state, filled.entryTicks, filled.refusal]).toEqual(['open', atLimit, null])
      const refused = submit(plan, second, { limitTicks: beyond })
      refused.onDue(market(500_000))
      expect([refused.state, refused.outcome, refused.nextDueNs]).toEqual(['closed', null, Number.POSITIVE_INFINITY])
      expect(refused.refusal).toEqual({ reason: 'beyond_limit', atNs: second + latency, priceTicks: atLimit })
      expect([refused.entryTicks, refused.entryAtNs]).toEqual([Number.NaN, Number.NaN])
    }
  })

  test('trade: an entry that got better than its limit is filled at the better price', () => {
    const bought = submit(long, second, { limitTicks: 500_050 })
    bought.onDue(market(495_000))
    expect(bought.entryTicks).toBe(495_050)
    const sold = submit(short, second, { limitTicks: 499_950 })
    sold.onDue(market(505_000))
    expect(sold.entryTicks).toBe(504_949)
  })

  test('trade: a fill that is worth a cent more than the margin carries is refused, however good its price', () => {
    // A tenth of a coin at 49,995 is worth 4,999.50.
    const carried = submit(short, second, { notionalMaxMinor: 499_950 })
    carried.onDue(market(500_000))
    expect(carried.state).toBe('open')
    const refused = submit(short, second, { notionalMaxMinor: 499_949 })
    refused.onDue(market(500_000))
    expect(refused.refusal).toEqual({ reason: 'beyond_margin', atNs: second + latency, priceTicks: 499_950 })
  })

  test('trade: a refused entry pays nothing, and hears nothing any more', () => {
    const trade = submit(long, second, { limitTicks: 500_000 })
    trade.onEventEnded('invalidated', second + 1)
    trade.onDue(market(500_000, 500_000, 1e-3))
    trade.onTrade(480_000, 2 * second)
    trade.onEventEnded('event_completed', 3 * second)
    trade.finish(2 * hour, 500_000)
    expect([trade.state, trade.outcome]).toEqual(['closed', null])
    expect(trade.refusal).toMatchObject({ reason: 'beyond_limit', atNs: second + latency })
  })

  test.each([
    ['quantityLots', { quantityLots: 0 }],
    ['limitTicks', { limitTicks: 0.5 }],
    ['notionalMaxMinor', { notionalMaxMinor: Number.NaN }],
  ])('trade: an order with a wrong %s is refused by name', (field, changes) => {
    expect(() => submit(long, second, changes)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field }),
    )
  })

  test.each([
    ['stopTicks', { ...long, stopTicks: 510_000 }],
    ['stopTicks', { ...short, stopTicks: 480_000 }],
    ['targetTicks', { ...long, targetTicks: 0 }],
    ['timeStopNs', { ...long, timeStopNs: 0 }],
  ])('trade: a plan with a wrong %s is refused by name', (field, plan) => {
    expect(() => submit(plan)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field }))
  })
})
