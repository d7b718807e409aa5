/**
 * Which regime a symbol is in: from how its volatility compares with the long run's, and how straight its way is. Pure.
 *
 * Each regime is entered at one threshold and left at a milder one, so that a number that hovers at a threshold does not
 * flip the regime. In order of precedence:
 *
 * | regime | entered when | left when |
 * |---|---|---|
 * | expansion | ratio ≥ 2 | ratio < 1.4 |
 * | contraction | ratio ≤ 0.5 | ratio > 0.7 |
 * | trend | efficiency ≥ 0.5 | efficiency < 0.3 |
 * | sideways | otherwise | |
 */
import { type Regime, regimes } from '../../domain/regime.ts'

export const regimeThresholds = {
  expansion: { enter: 2, leave: 1.4 },
  contraction: { enter: 0.5, leave: 0.7 },
  trend: { enter: 0.5, leave: 0.3 },
} as const

const indexOf = Object.fromEntries(regimes.map((regime, index) => [regime, index])) as Record<Regime, number>

/**
 * @param previous - Index of the regime so far; NaN: none yet.
 * @param volatilityRatio - Volatility of 60 s ÷ (long-run volatility of 1 s × √60), ≥ 0 or NaN.
 * @param efficiency - Efficiency ratio of 5 minutes, in [0, 1] or NaN.
 * @returns Index into `regimes`; NaN while an input is NaN: a regime is never guessed.
 */
export function nextRegime(previous: number, volatilityRatio: number, efficiency: number): number {
  if (Number.isNaN(volatilityRatio) || Number.isNaN(efficiency)) return Number.NaN
  const { expansion, contraction, trend } = regimeThresholds
  const inside = (regime: Regime): boolean => previous === indexOf[regime]
  if (volatilityRatio >= (inside('expansion') ? expansion.leave : expansion.enter)) return indexOf.expansion
  if (volatilityRatio <= (inside('contraction') ? contraction.leave : contraction.enter)) return indexOf.contraction
  if (efficiency >= (inside('trend') ? trend.leave : trend.enter)) return indexOf.trend
  return indexOf.sideways
}
