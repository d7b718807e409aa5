import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import { type HotField, hotFieldIndex, hotFields } from '../../../../src/domain/hot-state.ts'
import { createMarketRecord, type MarketRecord, recordKinds } from '../../../../src/domain/market.ts'
import { SymbolState } from '../../../../src/stages/state/symbol-state.ts'

class Tape {
  readonly row = new Float64Array(hotFields.length)
  readonly state = new SymbolState(this.row)

  trade(atSeconds: number, priceTicks: number, lots = 1, aggressor = 1): this {
    return this.apply({
      kind: recordKinds.trade,
      atNs: Math.round(atSeconds * 1e9),
      priceTicks,
      quantityLots: lots,
      aggressor,
    })
  }

  context(atSeconds: number, told: Partial<MarketRecord>): this {
    return this.apply({ kind: recordKinds.context, atNs: Math.round(atSeconds * 1e9), ...told })
  }

  liquidation(atSeconds: number, aggressor: number, notionalMinor: number): this {
    return this.apply({
      kind: recordKinds.liquidation,
      atNs: Math.round(atSeconds * 1e9),
      aggressor,
      notionalMinor,
    })
  }

  book(atSeconds: number, told: Partial<MarketRecord>): this {
    return this.apply({ kind: recordKinds.book, atNs: Math.round(atSeconds * 1e9), ...told })
  }

  apply(fields: Partial<MarketRecord>): this {
    this.state.apply({ ...createMarketRecord(), ...fields })
    return this
  }

  get(field: HotField): number {
    return this.row[hotFieldIndex[field]]!
  }

  /** The fields that are known. */
  known(): HotField[] {
    return hotFields.filter((field) => !Number.isNaN(this.get(field)))
  }
}

describe('symbol state: before enough data', () => {
  it('knows only its own record count before the first record', () => {
    const tape = new Tape()
    expect(tape.known()).toEqual(['recordCount'])
    expect(tape.get('recordCount')).toBe(0)
  })

  it('knows price, flow and extremes after the first trade, and no return', () => {
    const tape = new Tape().trade(10, 1000, 7, -1)
    expect(tape.known()).toEqual([
      'updatedAtNs',
      'recordCount',
      'lastTicks',
      'signedLots1s',
      'signedLots5s',
      'signedLots15s',
      'signedLots60s',
      'signedLots5m',
      'volumeLots1s',
      'volumeLots5s',
      'volumeLots15s',
      'volumeLots60s',
      'volumeLots5m',
      'high60s',
      'low60s',
      'high5m',
      'low5m',
    ])
    expect(tape.get('signedLots5m')).toBe(-7)
  })

  it('knows what a context tells, and nothing of trades', () => {
    const tape = new Tape().context(10, { markTicks: 1010, oracleTicks: 1000, openInterestLots: 5, fundingRate: 1e-5 })
    expect(tape.known()).toEqual([
      'updatedAtNs',
      'recordCount',
      'markTicks',
      'oracleTicks',
      'premium',
      'fundingRate',
      'openInterestLots',
    ])
    expect(tape.get('premium')).toBe(0.01)
  })

  it('knows the long-run means after 600 completed seconds with a return, not before', () => {
    const tape = new Tape().trade(0, 1000)
    for (let second = 1; second <= 600; second += 1) tape.trade(second, 1000 + (second % 2))
    expect(tape.get('volatility1sLong')).toBeNaN()
    tape.trade(601, 1001)
    expect(tape.get('volatility1sLong')).toBeGreaterThan(0)
    expect(tape.get('volumeLots1sLong')).toBeCloseTo(1, 12)
    expect(tape.get('volatility60sLong')).toBeNaN()
    for (let second = 602; second <= 660; second += 1) tape.trade(second, 1000 + (second % 2))
    expect(tape.get('volatility60sLong')).not.toBeNaN()
  })

  it('knows no regime before its inputs, and one from then on', () => {
    const tape = new Tape().trade(0, 1000)
    for (let second = 1; second <= 600; second += 1) tape.trade(second, 1000 + (second % 2))
    expect(tape.get('regime')).toBeNaN()
    tape.trade(601, 1001)
    expect(tape.get('regime')).toBeGreaterThanOrEqual(0)
  })
})

describe('symbol state: windows', () => {
  it('slide when time passes with contexts only', () => {
    const tape = new Tape().trade(0, 1000).trade(0.05, 1010, 3).context(20, { fundingRate: 0 })
    expect(tape.get('volumeLots15s')).toBe(0)
    expect(tape.get('volumeLots60s')).toBe(4)
    expect(tape.get('return15s')).toBe(0)
    tape.context(70, { fundingRate: 0 })
    expect(tape.get('volumeLots60s')).toBe(0)
    expect(tape.get('high60s')).toBeNaN()
    expect(tape.get('high5m')).toBe(1010)
    expect(tape.get('volatility60s')).toBe(0)
  })

  it('of one second moves in tenths: a trade leaves it after ten of them', () => {
    const tape = new Tape().trade(0, 1000, 5).trade(0.95, 1000, 1)
    expect(tape.get('volumeLots1s')).toBe(6)
    tape.trade(1.05, 1000, 1)
    expect(tape.get('volumeLots1s')).toBe(2)
  })

  it('begin anew after a silence: no return across it, old trades forgotten, told prices kept', () => {
    const tape = new Tape().trade(0, 1000, 5).trade(61, 1001, 5)
    expect(tape.get('return60s')).toBeCloseTo(Math.log(1001 / 1000), 14)
    tape.trade(61 + 181, 2000, 1)
    expect(tape.get('lastTicks')).toBe(2000)
    expect(tape.get('return60s')).toBeNaN()
    expect(tape.get('volatility5s')).toBeNaN()
    expect(tape.get('volumeLots5m')).toBe(1)
    expect(tape.get('low5m')).toBe(2000)
    tape.trade(61 + 181 + 60, 2020, 1)
    expect(tape.get('return60s')).toBeCloseTo(Math.log(2020 / 2000), 14)
  })

  it('a hole of just 180 seconds is no silence', () => {
    const tape = new Tape().trade(0, 1000).trade(180, 1001)
    expect(tape.get('return15s')).toBeCloseTo(Math.log(1001 / 1000), 14)
  })

  it('a record that is older than the row counts at the time of the row', () => {
    const tape = new Tape().trade(100, 1000, 2).trade(90, 1001, 3)
    expect(tape.get('updatedAtNs')).toBe(100e9)
    expect(tape.get('lastTicks')).toBe(1001)
    expect(tape.get('volumeLots1s')).toBe(5)
  })
})

describe('symbol state: funding', () => {
  it('a minute counts once, with its last value, however many contexts it had', () => {
    const sparse = new Tape()
    const dense = new Tape()
    for (let minute = 0; minute < 40; minute += 1) {
      const fundingRate = minute * 1e-6
      sparse.context(minute * 60 + 59, { fundingRate })
      for (let second = 0; second < 59; second += 1) dense.context(minute * 60 + second, { fundingRate: 0.01 })
      dense.context(minute * 60 + 59, { fundingRate })
    }
    expect(dense.get('fundingZ')).toBe(sparse.get('fundingZ'))
    expect(sparse.get('fundingZ')).toBeCloseTo(1.69, 2)
  })

  it('is not scored before 30 minutes of contexts, nor while it never changed', () => {
    const tape = new Tape()
    for (let minute = 0; minute < 29; minute += 1) tape.context(minute * 60, { fundingRate: minute * 1e-6 })
    expect(tape.get('fundingZ')).toBeNaN()
    tape.context(29 * 60, { fundingRate: 0 })
    expect(tape.get('fundingZ')).not.toBeNaN()

    const flat = new Tape()
    for (let minute = 0; minute < 100; minute += 1) flat.context(minute * 60, { fundingRate: 1.25e-5 })
    expect(flat.get('fundingZ')).toBeNaN()
  })

  it('forgets what is older than a day', () => {
    const tape = new Tape().context(0, { fundingRate: 1 })
    for (let minute = 1; minute < 1440; minute += 1) tape.context(minute * 60, { fundingRate: (minute % 2) * 1e-6 })
    expect(Math.abs(tape.get('fundingZ'))).toBeLessThan(0.1)
    tape.context(1440 * 60, { fundingRate: 1e-6 })
    expect(tape.get('fundingZ')).toBeCloseTo(1, 2)
  })
})

describe('symbol state: liquidations', () => {
  it('are unknown until the tape tells one, then 0 where there is none, by the side that was liquidated', () => {
    const tape = new Tape().trade(10, 1000)
    expect(tape.get('longLiquidationMinor60s')).toBeNaN()
    tape.liquidation(11, -1, 5_000)
    expect(tape.get('longLiquidationMinor60s')).toBe(5_000)
    expect(tape.get('shortLiquidationMinor60s')).toBe(0)
    tape.liquidation(30, 1, 7_000)
    expect(tape.get('longLiquidationMinor15s')).toBe(0)
    expect(tape.get('longLiquidationMinor60s')).toBe(5_000)
    expect(tape.get('shortLiquidationMinor1s')).toBe(7_000)
    // After a silence the tape still tells them; after an hour without one it is not known whether it does.
    tape.trade(1_000, 1000)
    expect(tape.get('longLiquidationMinor5m')).toBe(0)
    for (let second = 1_100; second <= 3_630; second += 10) tape.trade(second, 1000)
    expect(tape.get('longLiquidationMinor5m')).toBe(0)
    tape.trade(3_631, 1000)
    expect(tape.get('longLiquidationMinor5m')).toBeNaN()
    tape.liquidation(3_632, -1, 10)
    expect(tape.get('longLiquidationMinor5m')).toBe(10)
  })
})

describe('symbol state: book', () => {
  it('has its own time, no imbalance on one side only, and no depth where the source tells the top alone', () => {
    const tape = new Tape().book(10, { bidTicks: 999, bidLots: 3, askTicks: 1001, askLots: 1 }).trade(12, 1000)
    expect(tape.get('bookAtNs')).toBe(10e9)
    expect(tape.get('imbalance')).toBe(0.5)
    expect(tape.get('depthImbalance')).toBeNaN()
    tape.book(13, { bidTicks: 999, bidLots: 3, bidDepthLots: 30, askDepthLots: 10 })
    expect(tape.get('imbalance')).toBeNaN()
    expect(tape.get('askTicks')).toBeNaN()
    expect(tape.get('depthImbalance')).toBe(0.5)
  })
})

describe('symbol state: the prior window', () => {
  it('holds the extremes that stood before the last minute, once ten minutes of them were seen', () => {
    const tape = new Tape()
    for (let second = 0; second <= 660; second += 1) tape.trade(second, 1000 + (second === 100 ? 50 : 0))
    expect(tape.get('priorHigh30m')).toBe(1050)
    expect(tape.get('priorLow30m')).toBe(1000)
    tape.trade(661, 1200)
    expect(tape.get('high60s')).toBe(1200)
    expect(tape.get('priorHigh30m')).toBe(1050)
    for (let second = 662; second <= 720; second += 1) tape.trade(second, 1000)
    expect(tape.get('priorHigh30m')).toBe(1050)
    tape.trade(721, 1000)
    expect(tape.get('priorHigh30m')).toBe(1200)
    const young = new Tape()
    for (let second = 0; second < 660; second += 1) young.trade(second, 1000)
    expect(young.get('priorHigh30m')).toBeNaN()
  })
})

describe('symbol state: stability', () => {
  const days = 45
  const recentDays = 3

  it(`after ${days} days every field is what a fresh state has that saw only the last ${recentDays}`, () => {
    const random = new Random(20260617)
    const old = new Tape()
    const fresh = new Tape()
    let priceTicks = 656_400
    let atNs = 0
    let nextContextNs = 0
    const freshFromNs = (days - recentDays) * 86_400e9
    const record = createMarketRecord()
    while (atNs < days * 86_400e9) {
      atNs += random.integer(1, 8_000_000_000)
      const draw = random.integer(0, 9)
      if (atNs >= nextContextNs) {
        nextContextNs = atNs + 60e9
        record.kind = recordKinds.context
        record.atNs = atNs
        record.markTicks = priceTicks + random.integer(-300, 300)
        record.oracleTicks = priceTicks
        record.openInterestLots = 3_000_000_000 + random.integer(-1e6, 1e6)
        record.fundingRate = random.integer(-400, 125) * 1e-7
      } else if (draw === 0) {
        record.kind = recordKinds.liquidation
        record.atNs = atNs
        record.notionalMinor = random.integer(1, 1_000_000_000)
        record.aggressor = random.integer(0, 1) * 2 - 1
      } else if (draw === 1) {
        record.kind = recordKinds.book
        record.atNs = atNs
        record.bidTicks = priceTicks - 1
        record.askTicks = priceTicks + 1
        record.bidLots = random.integer(1, 1_000_000)
        record.askLots = random.integer(1, 1_000_000)
        record.bidDepthLots = random.integer(1, 1_000_000)
        record.askDepthLots = random.integer(1, 1_000_000)
      } else {
        priceTicks = Math.max(1000, priceTicks + random.integer(-200, 200))
        record.kind = recordKinds.trade
        record.atNs = atNs
        record.priceTicks = priceTicks
        record.quantityLots = random.integer(1, 1_000_000_000)
        record.aggressor = random.integer(0, 1) * 2 - 1
      }
      old.state.apply(record)
      if (atNs >= freshFromNs) fresh.state.apply(record)
    }
    expect(old.get('recordCount')).toBeGreaterThan(900_000)
    const decaying: HotField[] = ['volatility1sLong', 'volatility60sLong', 'volumeLots1sLong', 'fundingZ']
    for (const field of hotFields) {
      if (field === 'recordCount') continue
      if (decaying.includes(field)) expect(Math.abs(old.get(field) / fresh.get(field) - 1), field).toBeLessThan(1e-12)
      else expect(old.get(field), field).toBe(fresh.get(field))
      expect(old.get(field), field).not.toBeNaN()
    }
  })
})
