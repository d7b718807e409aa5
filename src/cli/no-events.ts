/** Why detectors saw nothing, as far as it can be told: the first reason that applies. Pure. */
import { hotFieldIndex as at, type HotRow, longRunSecondsMin } from '../domain/hot-state.ts'

/** @param rows - Each symbol's hot state at the end. */
export function whyNoEvents(detectorCount: number, rows: readonly HotRow[], spanS: number): string {
  if (detectorCount === 0) return 'no events: the configuration leaves every detector out'
  if (rows.every((row) => Number.isNaN(row[at.lastTicks]))) return 'no events: there are no trades in these recordings'
  if (rows.every((row) => Number.isNaN(row[at.volatility60sLong]))) {
    return (
      `no events: what is usual is not known before ${longRunSecondsMin} s of a symbol's trades, ` +
      `and these recordings span ${Math.floor(spanS)} s`
    )
  }
  const hasFunding = rows.some((row) => !Number.isNaN(row[at.fundingRate]))
  const blind = hasFunding ? '' : '; without ctx_… files funding and open interest are not seen'
  return `no events: nothing went beyond the detectors' thresholds${blind}`
}
