import { describe, expect, it } from 'vitest'
import { whyNoEvents } from '../../../src/cli/no-events.ts'
import { type HotField, hotFieldIndex, hotFields } from '../../../src/domain/hot-state.ts'

function row(fields: Partial<Record<HotField, number>>): Float64Array {
  const made = new Float64Array(hotFields.length).fill(Number.NaN)
  for (const [field, value] of Object.entries(fields)) made[hotFieldIndex[field as HotField]] = value
  return made
}

describe('why there are no events', () => {
  it('the first reason that applies is told', () => {
    const quiet = { lastTicks: 5, volatility60sLong: 1e-4 }
    expect(whyNoEvents(0, [row({})], 10)).toContain('leaves every detector out')
    expect(whyNoEvents(2, [row({ fundingRate: 0 })], 9_999)).toContain('no trades')
    expect(whyNoEvents(2, [row({ lastTicks: 5 })], 170.9)).toContain('before 600 s of a symbol')
    expect(whyNoEvents(2, [row({ lastTicks: 5 })], 170.9)).toContain('span 170 s')
    expect(whyNoEvents(2, [row({ lastTicks: 5 }), row(quiet)], 9_999)).toContain('without ctx_… files')
    expect(whyNoEvents(2, [row({ ...quiet, fundingRate: 0 })], 9_999)).toBe(
      "no events: nothing went beyond the detectors' thresholds",
    )
  })
})
