/**
 * A candle as trades. Pure but for the last price of each symbol, which the tick rule needs; one thread.
 *
 * Which price was when within a candle is not recorded, so that none of the four may be told before all of it is over: each
 * is a trade at the candle's *end*, in the order open, first extreme, second extreme, close. The nearer extreme to the open's
 * side of the move comes first: the low of a candle that rose or stood, the high of one that fell. A run thus never sees a price before
 * the market did, and up to a candle's length after.
 *
 * Each of the first three has a quarter of the volume, rounded down to lots, and the close the rest. The aggressor follows the tick
 * rule: the buyer at a higher price than the trade before, the seller at a lower, at an equal one as before; at the symbol's
 * first trade, as the candle went.
 */

/** A checked candle: ticks and lots, low ≤ open, close ≤ high, lots ≥ {@link candleLotsMin}. */
export interface Candle {
  openTicks: number
  highTicks: number
  lowTicks: number
  closeTicks: number
  volumeLots: number
}

/** Trades that a candle becomes. */
export const candleTrades = 4

/** A candle with fewer lots cannot be four trades. */
export const candleLotsMin = candleTrades

/** One trade of a candle. */
export interface PathStep {
  priceTicks: number
  quantityLots: number
  aggressor: number
}

export class CandlePath {
  readonly steps: readonly PathStep[] = Array.from({ length: candleTrades }, () => ({
    priceTicks: 0,
    quantityLots: 0,
    aggressor: 0,
  }))
  /** By symbol index; absent before the first candle. */
  readonly #lastTicks: number[] = []
  readonly #lastAggressor: number[] = []

  /** Writes the candle's trades into `steps`. */
  walk(symbolIndex: number, candle: Readonly<Candle>): void {
    const { openTicks, highTicks, lowTicks, closeTicks, volumeLots } = candle
    const isFall = closeTicks < openTicks
    const quarter = Math.floor(volumeLots / candleTrades)
    let aggressor = this.#lastAggressor[symbolIndex] ?? (isFall ? -1 : 1)
    let lastTicks = this.#lastTicks[symbolIndex] ?? openTicks
    const prices = [openTicks, isFall ? highTicks : lowTicks, isFall ? lowTicks : highTicks, closeTicks]
    for (const [index, priceTicks] of prices.entries()) {
      if (priceTicks !== lastTicks) aggressor = priceTicks > lastTicks ? 1 : -1
      lastTicks = priceTicks
      const step = this.steps[index]!
      step.priceTicks = priceTicks
      step.quantityLots = index < candleTrades - 1 ? quarter : volumeLots - quarter * (candleTrades - 1)
      step.aggressor = aggressor
    }
    this.#lastTicks[symbolIndex] = lastTicks
    this.#lastAggressor[symbolIndex] = aggressor
  }
}
