/**
 * One symbol's hot state: a record in, its row brought up to date. `market-state.ts` owns one a symbol; one thread.
 *
 * Bounded: rings of buckets (64 of 100 ms, 512 of 1 s, 1,440 of a minute) and queues, nothing a trade. A record costs O(1)
 * amortised. Nothing drifts, however long it runs: window sums are running ones of integers (lots; minor units; squared returns in
 * fixed point), which doubles add and subtract exactly, and highs and lows are queues.
 *
 * Here is when buckets open and close and what a record means; what they hold is in the parts. What each field means:
 * `domain/hot-state.ts`.
 */
import { hotFieldIndex as at, hotFields, liquidationMemorySeconds, silenceSecondsMax } from '../../domain/hot-state.ts'
import { type MarketRecord, recordKinds } from '../../domain/market.ts'
import { nsPerSecond } from '../../domain/units.ts'
import { FundingDay } from './funding-day.ts'
import { LongRunMean } from './long-run-mean.ts'
import { nextRegime } from './next-regime.ts'
import { PricePath } from './price-path.ts'
import { PriceRange } from './price-range.ts'
import { WindowSums } from './window-sums.ts'

const nsPerTenth = nsPerSecond / 10
const nsPerMinute = nsPerSecond * 60
const silenceNsMax = nsPerSecond * silenceSecondsMax

// A power of two above the 300 seconds of the open interest's change.
const secondMask = 511

export class SymbolState {
  readonly #row: Float64Array
  readonly #path: PricePath
  readonly #range: PriceRange
  readonly #signed: WindowSums
  readonly #volume: WindowSums
  readonly #longLiquidations: WindowSums
  readonly #shortLiquidations: WindowSums
  readonly #secondOpenInterest = new Float64Array(secondMask + 1).fill(Number.NaN)
  readonly #volatility1sLong = new LongRunMean()
  readonly #volatility60sLong = new LongRunMean()
  readonly #volumeLong = new LongRunMean()
  readonly #funding = new FundingDay()
  /** The running buckets, since the epoch. */
  #tenth = 0
  #second = 0
  #tenthEndNs = Number.NEGATIVE_INFINITY
  /** The tape tells liquidations: no liquidation is 0, not NaN. */
  #tellsLiquidations = false
  #liquidationSecond = Number.NEGATIVE_INFINITY

  /** @param row - Where the row is kept, `hotFields.length` doubles; overwritten here, then only by `apply`. */
  constructor(row: Float64Array) {
    this.#row = row.fill(Number.NaN, 0, hotFields.length)
    row[at.recordCount] = 0
    this.#path = new PricePath(row)
    this.#range = new PriceRange(row)
    this.#signed = new WindowSums(row, at.signedLots1s)
    this.#volume = new WindowSums(row, at.volumeLots1s)
    this.#longLiquidations = new WindowSums(row, at.longLiquidationMinor1s)
    this.#shortLiquidations = new WindowSums(row, at.shortLiquidationMinor1s)
  }

  /**
   * Applies one record of this symbol and brings every field of the row to its time. A record older than the row (feeds
   * promise that there is none) counts as happening at the row's time, so that windows never go back.
   */
  apply(record: MarketRecord): void {
    const row = this.#row
    let nowNs = record.atNs
    if (nowNs < row[at.updatedAtNs]!) nowNs = row[at.updatedAtNs]!
    let isNewSecond = false
    if (nowNs >= this.#tenthEndNs) {
      if (nowNs - row[at.updatedAtNs]! <= silenceNsMax) isNewSecond = this.#advance(nowNs)
      else this.#begin(nowNs)
    }
    row[at.updatedAtNs] = nowNs
    row[at.recordCount]! += 1
    if (record.kind === recordKinds.trade) this.#applyTrade(record)
    else if (record.kind === recordKinds.book) this.#applyBook(record, nowNs)
    else if (record.kind === recordKinds.context) this.#applyContext(record)
    else this.#applyLiquidation(record)
    if (isNewSecond) this.#classify()
  }

  #applyTrade(record: MarketRecord): void {
    const row = this.#row
    const { priceTicks, quantityLots } = record
    this.#signed.add(this.#tenth, this.#second, record.aggressor * quantityLots)
    this.#volume.add(this.#tenth, this.#second, quantityLots)
    this.#range.onTrade(priceTicks)
    if (priceTicks !== row[at.lastTicks]! || Number.isNaN(this.#path.logLast)) {
      row[at.lastTicks] = priceTicks
      this.#path.moveTo(priceTicks)
      this.#path.writeReturns(this.#tenth, this.#second)
    }
  }

  #applyContext(record: MarketRecord): void {
    const row = this.#row
    // A context may tell only some of these; what it does not tell stays.
    if (!Number.isNaN(record.markTicks)) row[at.markTicks] = record.markTicks
    if (!Number.isNaN(record.oracleTicks)) row[at.oracleTicks] = record.oracleTicks
    row[at.premium] = (row[at.markTicks]! - row[at.oracleTicks]!) / row[at.oracleTicks]!
    if (!Number.isNaN(record.openInterestLots)) {
      row[at.openInterestLots] = record.openInterestLots
      this.#writeOpenInterestChange()
    }
    if (!Number.isNaN(record.fundingRate)) {
      row[at.fundingRate] = record.fundingRate
      this.#funding.set(record.fundingRate)
      row[at.fundingZ] = this.#funding.zScoreOf(record.fundingRate)
    }
  }

  #applyLiquidation(record: MarketRecord): void {
    this.#liquidationSecond = this.#second
    if (!this.#tellsLiquidations) {
      this.#tellsLiquidations = true
      this.#longLiquidations.begin(true)
      this.#shortLiquidations.begin(true)
    }
    const sums = record.aggressor < 0 ? this.#longLiquidations : this.#shortLiquidations
    sums.add(this.#tenth, this.#second, record.notionalMinor)
  }

  #applyBook(record: MarketRecord, nowNs: number): void {
    const row = this.#row
    row[at.bookAtNs] = nowNs
    row[at.bidTicks] = record.bidTicks
    row[at.bidLots] = record.bidLots
    row[at.askTicks] = record.askTicks
    row[at.askLots] = record.askLots
    row[at.imbalance] = (record.bidLots - record.askLots) / (record.bidLots + record.askLots)
    row[at.depthImbalance] = (record.bidDepthLots - record.askDepthLots) / (record.bidDepthLots + record.askDepthLots)
  }

  /**
   * Opens the windows, empty, at the first record and at the first after a silence: what happened in between is not known, so a
   * return across it would be none, and what was in the windows is over.
   */
  #begin(nowNs: number): void {
    const second = Math.floor(nowNs / nsPerSecond)
    if (!Number.isNaN(this.#row[at.updatedAtNs]!)) {
      this.#closeSecond()
      this.#forget(second - this.#second - 1)
    }
    this.#tenth = Math.floor(nowNs / nsPerTenth)
    this.#tenthEndNs = (this.#tenth + 1) * nsPerTenth
    this.#second = second
    this.#tellsLiquidations &&= second - this.#liquidationSecond <= liquidationMemorySeconds
    this.#path.begin()
    this.#range.begin(second)
    this.#signed.begin(false)
    this.#volume.begin(false)
    this.#longLiquidations.begin(this.#tellsLiquidations)
    this.#shortLiquidations.begin(this.#tellsLiquidations)
    this.#secondOpenInterest.fill(Number.NaN)
    this.#row[at.regime] = Number.NaN
    this.#path.writeReturns(this.#tenth, second)
    this.#writeSlow(nowNs)
  }

  /** Slides the windows to `nowNs`, which lies beyond the newest bucket; true when that is in another second. */
  #advance(nowNs: number): boolean {
    const tenth = Math.floor(nowNs / nsPerTenth)
    this.#rollTenths(tenth)
    this.#tenthEndNs = (tenth + 1) * nsPerTenth
    const second = Math.floor(nowNs / nsPerSecond)
    const isNewSecond = second > this.#second
    if (isNewSecond) {
      this.#rollSeconds(second)
      this.#range.write(second)
      this.#writeSlow(nowNs)
    }
    this.#path.writeReturns(tenth, second)
    return isNewSecond
  }

  /** The fields that move with seconds and minutes. */
  #writeSlow(nowNs: number): void {
    const row = this.#row
    row[at.efficiency5m] = this.#path.efficiencyBefore(this.#second)
    this.#funding.advance(Math.floor(nowNs / nsPerMinute))
    row[at.fundingZ] = this.#funding.zScoreOf(row[at.fundingRate]!)
    row[at.volatility1sLong] = Math.sqrt(this.#volatility1sLong.value())
    row[at.volatility60sLong] = Math.sqrt(this.#volatility60sLong.value())
    row[at.volumeLots1sLong] = this.#volumeLong.value()
    this.#writeOpenInterestChange()
  }

  #rollTenths(tenth: number): void {
    this.#path.closeTenth(this.#tenth)
    for (let next = this.#tenth + 1; next <= tenth; next += 1) {
      this.#path.openTenth(next)
      this.#signed.openTenth(next)
      this.#volume.openTenth(next)
      this.#longLiquidations.openTenth(next)
      this.#shortLiquidations.openTenth(next)
    }
    this.#tenth = tenth
  }

  #rollSeconds(second: number): void {
    this.#closeSecond()
    for (let next = this.#second + 1; next <= second; next += 1) {
      this.#path.openSecond(next)
      this.#range.openSecond(next)
      this.#signed.openSecond(next)
      this.#volume.openSecond(next)
      this.#longLiquidations.openSecond(next)
      this.#shortLiquidations.openSecond(next)
      this.#secondOpenInterest[next & secondMask] = this.#row[at.openInterestLots]!
      // A second without a record: the return of an unchanged price, 0, or NaN where there is no price yet.
      if (next < second) this.#learn(next, this.#path.logLast - this.#path.logLast, 0)
    }
    this.#second = second
    if (this.#tellsLiquidations && second - this.#liquidationSecond > liquidationMemorySeconds) {
      this.#tellsLiquidations = false
      this.#longLiquidations.begin(false)
      this.#shortLiquidations.begin(false)
    }
  }

  /** The newest second is complete: its close, its squared return, its extremes, its part in the long-run means. */
  #closeSecond(): void {
    const second = this.#second
    const logReturn = this.#path.closeSecond(second)
    this.#range.closeSecond(second)
    this.#secondOpenInterest[second & secondMask] = this.#row[at.openInterestLots]!
    this.#learn(second, logReturn, this.#volume.ofSecond(second))
  }

  /** A completed second's part in the long-run means; one without a return teaches nothing, but time passes. */
  #learn(second: number, logReturn: number, volume: number): void {
    if (Number.isNaN(logReturn)) {
      this.#forget(1)
      return
    }
    this.#volatility1sLong.add(logReturn * logReturn)
    this.#volumeLong.add(volume)
    const minuteReturn = this.#path.minuteReturnAt(second)
    if (Number.isNaN(minuteReturn)) this.#volatility60sLong.forget(1)
    else this.#volatility60sLong.add(minuteReturn * minuteReturn)
  }

  #forget(seconds: number): void {
    this.#volatility1sLong.forget(seconds)
    this.#volatility60sLong.forget(seconds)
    this.#volumeLong.forget(seconds)
  }

  #writeOpenInterestChange(): void {
    const row = this.#row
    const before = this.#secondOpenInterest[(this.#second - 300) & secondMask]!
    row[at.openInterestChange5m] = before > 0 ? row[at.openInterestLots]! / before - 1 : Number.NaN
  }

  #classify(): void {
    const row = this.#row
    const ratio = row[at.volatility60s]! / (row[at.volatility1sLong]! * Math.sqrt(60))
    row[at.regime] = nextRegime(row[at.regime]!, ratio, row[at.efficiency5m]!)
  }
}
