/**
 * One symbol's hot state: a record in, its row brought up to date. `market-state.ts` owns one a symbol; one thread.
 *
 * Bounded: rings of buckets (64 of 100 ms, 512 of 1 s, 1,440 of a minute), nothing a trade. A record costs O(1) amortised.
 * Nothing drifts, however long it runs: window sums are running ones of integers (lots; squared returns in fixed point), which
 * doubles add and subtract exactly, and highs and lows are queues.
 *
 * What each field means: `domain/hot-state.ts`.
 */
import { hotFieldIndex as at, hotFields, silenceSecondsMax } from '../../domain/hot-state.ts'
import { type MarketRecord, recordKinds } from '../../domain/market.ts'
import { nsPerSecond } from '../../domain/units.ts'
import { FundingDay } from './funding-day.ts'
import { LongRunMean } from './long-run-mean.ts'
import { nextRegime } from './next-regime.ts'
import { SlidingExtreme } from './sliding-extreme.ts'

const nsPerTenth = nsPerSecond / 10
const nsPerMinute = nsPerSecond * 60
const silenceNsMax = nsPerSecond * silenceSecondsMax

// Powers of two above the longest window (50 tenths, 300 seconds), so that its beginning is still in the ring.
const tenthMask = 63
const secondMask = 511
// Squared returns are kept in units of 2^−46: 300 of at most 2^−2 stay below 2^53 units, so their sums are exact; one of 0.01 bp still
// has two digits.
const squareUnits = 2 ** 46
const squareMax = 2 ** -2
const efficiencySteps = 30
const efficiencyStepSeconds = 10

export class SymbolState {
  readonly #row: Float64Array

  readonly #tenthSigned = new Float64Array(tenthMask + 1)
  readonly #tenthVolume = new Float64Array(tenthMask + 1)
  readonly #tenthLogClose = new Float64Array(tenthMask + 1).fill(Number.NaN)
  #tenth = 0
  #tenthEndNs = Number.NEGATIVE_INFINITY

  readonly #secondSigned = new Float64Array(secondMask + 1)
  readonly #secondVolume = new Float64Array(secondMask + 1)
  readonly #secondLogClose = new Float64Array(secondMask + 1).fill(Number.NaN)
  readonly #secondSquare = new Float64Array(secondMask + 1)
  readonly #secondOpenInterest = new Float64Array(secondMask + 1).fill(Number.NaN)
  #second = 0

  readonly #volatility1sLong = new LongRunMean()
  readonly #volatility60sLong = new LongRunMean()
  readonly #volumeLong = new LongRunMean()
  readonly #funding = new FundingDay()

  readonly #high60s = new SlidingExtreme(60, 'highest')
  readonly #low60s = new SlidingExtreme(60, 'lowest')
  readonly #high5m = new SlidingExtreme(300, 'highest')
  readonly #low5m = new SlidingExtreme(300, 'lowest')

  #logLast = Number.NaN
  /** The running second's highest and lowest trade; crossed while it has none. */
  #highTicks = Number.NEGATIVE_INFINITY
  #lowTicks = Number.POSITIVE_INFINITY
  // Sums of squared returns over the windows' completed seconds.
  #squares5s = 0
  #squares15s = 0
  #squares60s = 0
  #squares5m = 0

  /** @param row - Where the row is kept, `hotFields.length` doubles; overwritten here, then only by `apply`. */
  constructor(row: Float64Array) {
    this.#row = row.fill(Number.NaN, 0, hotFields.length)
    row[at.recordCount] = 0
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
    if (record.kind === recordKinds.trade) {
      this.#applyTrade(record)
    } else if (record.kind === recordKinds.context) {
      this.#applyContext(record)
    }
    if (isNewSecond) this.#classify()
  }

  #applyTrade(record: MarketRecord): void {
    const row = this.#row
    const priceTicks = record.priceTicks
    const volume = record.quantityLots
    const signed = record.aggressor * volume
    if (Number.isNaN(this.#logLast)) row.fill(0, at.signedLots1s, at.volumeLots5m + 1)
    row[at.signedLots1s]! += signed
    row[at.signedLots5s]! += signed
    row[at.signedLots15s]! += signed
    row[at.signedLots60s]! += signed
    row[at.signedLots5m]! += signed
    row[at.volumeLots1s]! += volume
    row[at.volumeLots5s]! += volume
    row[at.volumeLots15s]! += volume
    row[at.volumeLots60s]! += volume
    row[at.volumeLots5m]! += volume
    const tenth = this.#tenth & tenthMask
    this.#tenthSigned[tenth]! += signed
    this.#tenthVolume[tenth]! += volume
    const second = this.#second & secondMask
    this.#secondSigned[second]! += signed
    this.#secondVolume[second]! += volume
    if (priceTicks > this.#highTicks) this.#highTicks = priceTicks
    if (priceTicks < this.#lowTicks) this.#lowTicks = priceTicks
    if (!(priceTicks <= row[at.high60s]!)) row[at.high60s] = priceTicks
    if (!(priceTicks >= row[at.low60s]!)) row[at.low60s] = priceTicks
    if (!(priceTicks <= row[at.high5m]!)) row[at.high5m] = priceTicks
    if (!(priceTicks >= row[at.low5m]!)) row[at.low5m] = priceTicks
    if (priceTicks !== row[at.lastTicks]! || Number.isNaN(this.#logLast)) {
      row[at.lastTicks] = priceTicks
      this.#logLast = Math.log(priceTicks)
      this.#writeReturns()
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
    this.#logLast = Number.NaN
    this.#tenthSigned.fill(0)
    this.#tenthVolume.fill(0)
    this.#tenthLogClose.fill(Number.NaN)
    this.#secondSigned.fill(0)
    this.#secondVolume.fill(0)
    this.#secondLogClose.fill(Number.NaN)
    this.#secondSquare.fill(0)
    this.#secondOpenInterest.fill(Number.NaN)
    this.#squares5s = 0
    this.#squares15s = 0
    this.#squares60s = 0
    this.#squares5m = 0
    this.#high60s.clear()
    this.#low60s.clear()
    this.#high5m.clear()
    this.#low5m.clear()
    this.#writeExtremes()
    this.#row.fill(Number.NaN, at.signedLots1s, at.volumeLots5m + 1)
    this.#row[at.regime] = Number.NaN
    this.#writeReturns()
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
      this.#writeExtremes()
      this.#writeSlow(nowNs)
    }
    this.#writeReturns()
    return isNewSecond
  }

  /** The fields that move with seconds and minutes. */
  #writeSlow(nowNs: number): void {
    const row = this.#row
    row[at.efficiency5m] = this.#efficiency()
    this.#funding.advance(Math.floor(nowNs / nsPerMinute))
    row[at.fundingZ] = this.#funding.zScoreOf(row[at.fundingRate]!)
    row[at.volatility1sLong] = Math.sqrt(this.#volatility1sLong.value())
    row[at.volatility60sLong] = Math.sqrt(this.#volatility60sLong.value())
    row[at.volumeLots1sLong] = this.#volumeLong.value()
    this.#writeOpenInterestChange()
  }

  #rollTenths(tenth: number): void {
    const row = this.#row
    const signedRing = this.#tenthSigned
    const volumeRing = this.#tenthVolume
    this.#tenthLogClose[this.#tenth & tenthMask] = this.#logLast
    for (let next = this.#tenth + 1; next <= tenth; next += 1) {
      const slot = next & tenthMask
      const leaves1s = (next - 10) & tenthMask
      const leaves5s = (next - 50) & tenthMask
      row[at.signedLots1s]! -= signedRing[leaves1s]!
      row[at.volumeLots1s]! -= volumeRing[leaves1s]!
      row[at.signedLots5s]! -= signedRing[leaves5s]!
      row[at.volumeLots5s]! -= volumeRing[leaves5s]!
      signedRing[slot] = 0
      volumeRing[slot] = 0
      this.#tenthLogClose[slot] = this.#logLast
    }
    this.#tenth = tenth
  }

  #rollSeconds(second: number): void {
    const row = this.#row
    const signedRing = this.#secondSigned
    const volumeRing = this.#secondVolume
    this.#closeSecond()
    for (let next = this.#second + 1; next <= second; next += 1) {
      const slot = next & secondMask
      const leaves15s = (next - 15) & secondMask
      const leaves60s = (next - 60) & secondMask
      const leaves5m = (next - 300) & secondMask
      row[at.signedLots15s]! -= signedRing[leaves15s]!
      row[at.volumeLots15s]! -= volumeRing[leaves15s]!
      row[at.signedLots60s]! -= signedRing[leaves60s]!
      row[at.volumeLots60s]! -= volumeRing[leaves60s]!
      row[at.signedLots5m]! -= signedRing[leaves5m]!
      row[at.volumeLots5m]! -= volumeRing[leaves5m]!
      this.#squares5s -= this.#secondSquare[(next - 5) & secondMask]!
      this.#squares15s -= this.#secondSquare[leaves15s]!
      this.#squares60s -= this.#secondSquare[leaves60s]!
      this.#squares5m -= this.#secondSquare[leaves5m]!
      signedRing[slot] = 0
      volumeRing[slot] = 0
      this.#secondSquare[slot] = 0
      this.#secondLogClose[slot] = this.#logLast
      this.#secondOpenInterest[slot] = row[at.openInterestLots]!
      // A second without a record: the return of an unchanged price, 0, or NaN where there is no price yet.
      if (next < second) this.#learn(next, this.#logLast - this.#logLast, 0)
    }
    this.#second = second
  }

  /** The newest second is complete: its close, its squared return, its part in the long-run means. */
  #closeSecond(): void {
    const slot = this.#second & secondMask
    const logReturn = this.#logLast - this.#secondLogClose[(this.#second - 1) & secondMask]!
    this.#secondLogClose[slot] = this.#logLast
    this.#secondOpenInterest[slot] = this.#row[at.openInterestLots]!
    if (!Number.isNaN(logReturn)) this.#keepSquare(slot, logReturn)
    this.#keepExtremes()
    this.#learn(this.#second, logReturn, this.#secondVolume[slot]!)
  }

  /** A completed second's part in the long-run means; one without a return teaches nothing, but time passes. */
  #learn(second: number, logReturn: number, volume: number): void {
    if (Number.isNaN(logReturn)) {
      this.#forget(1)
      return
    }
    this.#volatility1sLong.add(logReturn * logReturn)
    this.#volumeLong.add(volume)
    const minuteReturn = this.#logLast - this.#secondLogClose[(second - 60) & secondMask]!
    if (Number.isNaN(minuteReturn)) this.#volatility60sLong.forget(1)
    else this.#volatility60sLong.add(minuteReturn * minuteReturn)
  }

  #forget(seconds: number): void {
    this.#volatility1sLong.forget(seconds)
    this.#volatility60sLong.forget(seconds)
    this.#volumeLong.forget(seconds)
  }

  #keepSquare(slot: number, logReturn: number): void {
    const square = Math.round(Math.min(logReturn * logReturn, squareMax) * squareUnits) / squareUnits
    this.#secondSquare[slot] = square
    this.#squares5s += square
    this.#squares15s += square
    this.#squares60s += square
    this.#squares5m += square
  }

  #keepExtremes(): void {
    if (this.#highTicks < this.#lowTicks) return
    this.#high60s.push(this.#second, this.#highTicks)
    this.#low60s.push(this.#second, this.#lowTicks)
    this.#high5m.push(this.#second, this.#highTicks)
    this.#low5m.push(this.#second, this.#lowTicks)
  }

  /** As a second begins: of the windows' completed seconds. Its own trades come on top. */
  #writeExtremes(): void {
    const row = this.#row
    row[at.high60s] = this.#high60s.valueAt(this.#second)
    row[at.low60s] = this.#low60s.valueAt(this.#second)
    row[at.high5m] = this.#high5m.valueAt(this.#second)
    row[at.low5m] = this.#low5m.valueAt(this.#second)
    this.#highTicks = Number.NEGATIVE_INFINITY
    this.#lowTicks = Number.POSITIVE_INFINITY
  }

  #efficiency(): number {
    const closes = this.#secondLogClose
    const newest = this.#second - 1
    let path = 0
    let later = closes[newest & secondMask]!
    for (let step = 1; step <= efficiencySteps; step += 1) {
      const earlier = closes[(newest - step * efficiencyStepSeconds) & secondMask]!
      path += Math.abs(later - earlier)
      later = earlier
    }
    const net = Math.abs(closes[newest & secondMask]! - later)
    return path === 0 ? 0 : Math.min(1, net / path)
  }

  #writeReturns(): void {
    const row = this.#row
    const now = this.#logLast
    const tenths = this.#tenthLogClose
    const seconds = this.#secondLogClose
    const second = this.#second
    const begin5s = seconds[(second - 5) & secondMask]!
    const begin15s = seconds[(second - 15) & secondMask]!
    const begin60s = seconds[(second - 60) & secondMask]!
    const begin5m = seconds[(second - 300) & secondMask]!
    row[at.return1s] = now - tenths[(this.#tenth - 10) & tenthMask]!
    row[at.return5s] = now - tenths[(this.#tenth - 50) & tenthMask]!
    row[at.return15s] = now - begin15s
    row[at.return60s] = now - begin60s
    row[at.return5m] = now - begin5m
    const running = now - seconds[(second - 1) & secondMask]!
    const square = running * running
    row[at.volatility5s] = Number.isNaN(begin5s) ? Number.NaN : Math.sqrt(this.#squares5s + square)
    row[at.volatility15s] = Number.isNaN(begin15s) ? Number.NaN : Math.sqrt(this.#squares15s + square)
    row[at.volatility60s] = Number.isNaN(begin60s) ? Number.NaN : Math.sqrt(this.#squares60s + square)
    row[at.volatility5m] = Number.isNaN(begin5m) ? Number.NaN : Math.sqrt(this.#squares5m + square)
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
