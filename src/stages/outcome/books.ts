/** The run's books: what trades earned, and how the equity went. Realised P&L only. One thread; money in minor units. */
import type { TradeOutcome } from '../../domain/outcome.ts'
import { requireExact } from '../../domain/units.ts'

/** Below so many trades a Sharpe ratio says nothing. */
const sharpeTradesMin = 30

export class Books {
  readonly startMinor: number
  trades = 0
  wins = 0
  pnlMinor = 0
  feesMinor = 0
  fundingMinor = 0
  equityMinor: number
  /** The deepest fall of the equity from its highest point before. */
  maxDrawdownMinor = 0
  #peakMinor: number
  #returnSum = 0
  #returnSquares = 0

  constructor(startMinor: number) {
    this.startMinor = startMinor
    this.equityMinor = startMinor
    this.#peakMinor = startMinor
  }

  record(outcome: TradeOutcome): void {
    const tradeReturn = this.equityMinor > 0 ? outcome.pnlMinor / this.equityMinor : 0
    this.trades += 1
    if (outcome.pnlMinor > 0) this.wins += 1
    this.pnlMinor = requireExact('pnlMinor', this.pnlMinor + outcome.pnlMinor)
    this.feesMinor = requireExact('feesMinor', this.feesMinor + outcome.feesMinor)
    this.fundingMinor = requireExact('fundingMinor', this.fundingMinor + outcome.fundingMinor)
    this.equityMinor = requireExact('equityMinor', this.equityMinor + outcome.pnlMinor)
    this.#peakMinor = Math.max(this.#peakMinor, this.equityMinor)
    this.maxDrawdownMinor = Math.max(this.maxDrawdownMinor, this.#peakMinor - this.equityMinor)
    this.#returnSum += tradeReturn
    this.#returnSquares += tradeReturn * tradeReturn
  }

  /** Mean ÷ standard deviation of the trades' returns on equity, per trade, not annualised; null below 30 trades. */
  get sharpe(): number | null {
    if (this.trades < sharpeTradesMin) return null
    const mean = this.#returnSum / this.trades
    const variance = (this.#returnSquares - this.trades * mean * mean) / (this.trades - 1)
    return variance > 0 ? mean / Math.sqrt(variance) : null
  }
}
