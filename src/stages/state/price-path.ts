/**
 * The way of a symbol's price: closes by 100 ms and by second, and from them returns, realised volatilities and the efficiency
 * ratio. Owned by one {@link SymbolState}; one thread; bounded by its rings.
 *
 * Sums of squared returns are kept in fixed point, so that they add and subtract exactly, however long it runs.
 */
import { hotFieldIndex as at } from '../../domain/hot-state.ts'

// Powers of two above the longest window (50 tenths, 300 seconds), so that its beginning is still in the ring.
const tenthMask = 63
const secondMask = 511
// Squared returns are kept in units of 2^−46: 300 of at most 2^−2 stay below 2^53 units, so their sums are exact; one of 0.01 bp still
// has two digits.
const squareUnits = 2 ** 46
const squareMax = 2 ** -2
const efficiencySteps = 30
const efficiencyStepSeconds = 10

export class PricePath {
  readonly #row: Float64Array
  readonly #tenthLogClose = new Float64Array(tenthMask + 1).fill(Number.NaN)
  readonly #tenthSquare = new Float64Array(tenthMask + 1)
  readonly #secondLogClose = new Float64Array(secondMask + 1).fill(Number.NaN)
  readonly #secondSquare = new Float64Array(secondMask + 1)
  #logLast = Number.NaN
  // Sums of squared returns over the windows' completed buckets.
  #squares1s = 0
  #squares5s = 0
  #squares15s = 0
  #squares60s = 0
  #squares5m = 0

  constructor(row: Float64Array) {
    this.#row = row
  }

  /** Natural logarithm of the last price; NaN before the first since `begin`. */
  get logLast(): number {
    return this.#logLast
  }

  /** Empties every window. */
  begin(): void {
    this.#logLast = Number.NaN
    this.#tenthLogClose.fill(Number.NaN)
    this.#tenthSquare.fill(0)
    this.#secondLogClose.fill(Number.NaN)
    this.#secondSquare.fill(0)
    this.#squares1s = 0
    this.#squares5s = 0
    this.#squares15s = 0
    this.#squares60s = 0
    this.#squares5m = 0
  }

  moveTo(priceTicks: number): void {
    this.#logLast = Math.log(priceTicks)
  }

  /** The newest bucket of 100 ms is complete. */
  closeTenth(tenth: number): void {
    const slot = tenth & tenthMask
    const logReturn = this.#logLast - this.#tenthLogClose[(tenth - 1) & tenthMask]!
    this.#tenthLogClose[slot] = this.#logLast
    if (Number.isNaN(logReturn)) return
    const square = quantized(logReturn)
    this.#tenthSquare[slot] = square
    this.#squares1s += square
  }

  /** A bucket of 100 ms begins, at the price of the one before. */
  openTenth(tenth: number): void {
    const slot = tenth & tenthMask
    this.#squares1s -= this.#tenthSquare[(tenth - 10) & tenthMask]!
    this.#tenthSquare[slot] = 0
    this.#tenthLogClose[slot] = this.#logLast
  }

  /** The newest second is complete. @returns Its log return; NaN without a price before it. */
  closeSecond(second: number): number {
    const slot = second & secondMask
    const logReturn = this.#logLast - this.#secondLogClose[(second - 1) & secondMask]!
    this.#secondLogClose[slot] = this.#logLast
    if (Number.isNaN(logReturn)) return logReturn
    const square = quantized(logReturn)
    this.#secondSquare[slot] = square
    this.#squares5s += square
    this.#squares15s += square
    this.#squares60s += square
    this.#squares5m += square
    return logReturn
  }

  /** A second begins, at the price of the one before. */
  openSecond(second: number): void {
    const slot = second & secondMask
    const squares = this.#secondSquare
    this.#squares5s -= squares[(second - 5) & secondMask]!
    this.#squares15s -= squares[(second - 15) & secondMask]!
    this.#squares60s -= squares[(second - 60) & secondMask]!
    this.#squares5m -= squares[(second - 300) & secondMask]!
    squares[slot] = 0
    this.#secondLogClose[slot] = this.#logLast
  }

  /** The log return from the close 60 seconds before a completed second to now. */
  minuteReturnAt(second: number): number {
    return this.#logLast - this.#secondLogClose[(second - 60) & secondMask]!
  }

  /** Brings returns and volatilities of the row to the running buckets and the last price. */
  writeReturns(tenth: number, second: number): void {
    const row = this.#row
    const now = this.#logLast
    const tenths = this.#tenthLogClose
    const seconds = this.#secondLogClose
    const begin1s = tenths[(tenth - 10) & tenthMask]!
    const begin5s = seconds[(second - 5) & secondMask]!
    const begin15s = seconds[(second - 15) & secondMask]!
    const begin60s = seconds[(second - 60) & secondMask]!
    const begin5m = seconds[(second - 300) & secondMask]!
    row[at.return1s] = now - begin1s
    row[at.return5s] = now - tenths[(tenth - 50) & tenthMask]!
    row[at.return15s] = now - begin15s
    row[at.return60s] = now - begin60s
    row[at.return5m] = now - begin5m
    const runningTenth = now - tenths[(tenth - 1) & tenthMask]!
    const running = now - seconds[(second - 1) & secondMask]!
    const square = running * running
    row[at.volatility1s] = Number.isNaN(begin1s) ? Number.NaN : Math.sqrt(this.#squares1s + runningTenth * runningTenth)
    row[at.volatility5s] = Number.isNaN(begin5s) ? Number.NaN : Math.sqrt(this.#squares5s + square)
    row[at.volatility15s] = Number.isNaN(begin15s) ? Number.NaN : Math.sqrt(this.#squares15s + square)
    row[at.volatility60s] = Number.isNaN(begin60s) ? Number.NaN : Math.sqrt(this.#squares60s + square)
    row[at.volatility5m] = Number.isNaN(begin5m) ? Number.NaN : Math.sqrt(this.#squares5m + square)
  }

  /** Kaufman's efficiency ratio of the 5 minutes that ended before the running second. */
  efficiencyBefore(second: number): number {
    const closes = this.#secondLogClose
    const newest = second - 1
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
}

function quantized(logReturn: number): number {
  return Math.round(Math.min(logReturn * logReturn, squareMax) * squareUnits) / squareUnits
}
