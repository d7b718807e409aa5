import { describe, expect, it } from 'vitest'
import { type Regime, regimes } from '../../../../src/domain/regime.ts'
import { nextRegime } from '../../../../src/stages/state/next-regime.ts'

function next(previous: Regime | null, ratio: number, efficiency: number): Regime | null {
  return regimes[nextRegime(previous === null ? Number.NaN : regimes.indexOf(previous), ratio, efficiency)] ?? null
}

describe('regime', () => {
  it('is not guessed while an input is unknown', () => {
    expect(next(null, Number.NaN, 0.2)).toBeNull()
    expect(next('trend', 1, Number.NaN)).toBeNull()
  })

  it('is entered at its threshold, in order of precedence', () => {
    expect(next(null, 2, 0.9)).toBe('expansion')
    expect(next(null, 0.5, 0.9)).toBe('contraction')
    expect(next(null, 1, 0.5)).toBe('trend')
    expect(next(null, 1, 0.49)).toBe('sideways')
  })

  it('is held until the milder threshold is passed', () => {
    expect(next('expansion', 1.4, 0)).toBe('expansion')
    expect(next('expansion', 1.39, 0)).toBe('sideways')
    expect(next('sideways', 1.99, 0)).toBe('sideways')
    expect(next('contraction', 0.7, 0)).toBe('contraction')
    expect(next('contraction', 0.71, 0)).toBe('sideways')
    expect(next('trend', 1, 0.3)).toBe('trend')
    expect(next('trend', 1, 0.29)).toBe('sideways')
  })

  it('expansion ends a trend, and a trend may follow it', () => {
    expect(next('trend', 2, 1)).toBe('expansion')
    expect(next('expansion', 1, 0.6)).toBe('trend')
  })
})
