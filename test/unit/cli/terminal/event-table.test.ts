import { describe, expect, it } from 'vitest'
import { type EventHistory, endOf, kindOf } from '../../../../src/cli/event-history.ts'
import { eventTable, type TableLayout } from '../../../../src/cli/terminal/event-table.ts'
import { noPaint, paintFor, terminalPaint } from '../../../../src/cli/terminal/paint.ts'
import type { DetectedChange, DetectedEvent } from '../../../../src/detection-run.ts'
import { Timeline } from '../../../../src/domain/units.ts'

const timeline = new Timeline(Date.UTC(2026, 5, 17))
const second = 1e9

const layout: TableLayout = { timeline, lastNs: 90_000 * second, columns: 80, paint: noPaint }

function history(
  atS: number,
  given: Partial<DetectedEvent>,
  end?: Pick<DetectedChange, 'state' | 'cause' | 'lastTicks'> & { afterS: number },
): EventHistory {
  const event: DetectedEvent = {
    eventId: `cascade_BTC_${timeline.toUnixMs(atS * second)}`,
    eventType: 'LIQUIDATION_CASCADE',
    typeIndex: 0,
    symbol: 'BTC',
    symbolIndex: 0,
    side: 'short',
    detectedAtNs: atS * second,
    waitingSinceNs: atS * second,
    expiresAtNs: (atS + 120) * second,
    priorityScore: 0.625,
    regime: 'expansion',
    rewardRisk: 2,
    winRate: 0.4,
    capitalRequiredMinor: 0,
    referenceTicks: 10_000,
    targetTicks: 9_900,
    stopTicks: 10_050,
    evidence: { move_sigmas: -4.61, move_bp: -55.2, burst_sigmas: 10.2, volume_ratio_60s: 3.33 },
    ...given,
  }
  const first: DetectedChange = {
    event,
    state: 'TRIGGERED',
    atNs: event.detectedAtNs,
    cause: 'detector',
    evidence: event.evidence,
    lastTicks: event.referenceTicks,
  }
  if (end === undefined) return { event, changes: [first] }
  const { afterS, ...rest } = end
  return { event, changes: [first, { event, atNs: (atS + afterS) * second, evidence: {}, ...rest }] }
}

const completed = { state: 'COMPLETED', cause: 'detector', lastTicks: 9_917, afterS: 100 } as const

describe('event table', () => {
  it('one line an event: time, symbol, type, side, score, what fired it, how it ended and after how long, move', () => {
    const lines = eventTable([history(64_883, {}, completed)], layout)
    expect(lines).toEqual([
      '2026-06-17',
      'UTC      symbol type    side  score fired by                   end       move',
      '18:01:23 BTC    cascade short  0.63 move −4.6σ −55bp burst 10σ ✓ 1m40s −0.83%',
      '',
      '✓ completed   ✕ invalidated   – expired   … live when the recording ended',
    ])
  })

  it('ends are told apart: invalidated, expired, and live when the recording ended', () => {
    const expired = { state: 'INVALIDATED', cause: 'expiry', lastTicks: 10_000, afterS: 120 } as const
    const stopped = { state: 'INVALIDATED', cause: 'detector', lastTicks: 10_050, afterS: 7.25 } as const
    const lines = eventTable([history(0, {}, expired), history(10, {}, stopped), history(86_390, {})], layout)
    expect(lines[2]).toMatch(/ – 2m00s +0\.00%$/)
    expect(lines[3]).toMatch(/ ✕ 7\.3s +\+0\.50%$/)
    // 90,000 s less 86,390 s.
    expect(lines[4]).toMatch(/ … 1h00m +0\.00%$/)
  })

  it('each UTC day has its heading', () => {
    const lines = eventTable([history(1, {}, completed), history(86_400, {}, completed)], layout)
    expect(lines.filter((line) => /^\d{4}-/.test(line))).toEqual(['2026-06-17', '2026-06-18'])
  })

  it.each([60, 72, 80, 100, 200])(
    'on %i columns no line is wider, and each has a number of the evidence',
    (columns) => {
      const histories = [
        history(1, {}, completed),
        history(
          2,
          { evidence: { peak_z: -9.53, peak_funding: -4.338e-5, funding: -1.8e-5, retraced: 0.45 } },
          completed,
        ),
        history(3, { evidence: { a_name_that_goes_on_for_longer_than_any_column_would: 1 } }, completed),
        history(4, { evidence: {} }, completed),
      ]
      const lines = eventTable(histories, { ...layout, columns })
      // The narrowest table that leaves the evidence its 12 characters has 64.
      for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(Math.max(columns, 64))
      if (columns >= 80) expect(lines.at(-1)!.length).toBeLessThanOrEqual(columns)
      expect(lines[2]).toContain('move −4.6σ')
      expect(lines[3]).toContain('peak z −9.5')
      if (columns === 200) expect(lines[3]).toContain('peak z −9.5 peak funding −4.3e−5 funding −1.8e−5')
      expect(lines[2]!.includes('LIQUIDATION_CASCADE')).toBe(columns === 200)
    },
  )

  it('what went the way of the event is green, what went against it red', () => {
    const paint = { ...noPaint, green: (text: string) => `<g>${text}</g>`, red: (text: string) => `<r>${text}</r>` }
    const lines = eventTable([history(1, {}, completed), history(2, { side: 'long' }, completed)], { ...layout, paint })
    expect(lines[2]).toMatch(/<g>−0\.83%<\/g>$/)
    expect(lines[3]).toMatch(/<r>−0\.83%<\/r>$/)
  })
})

describe('paint', () => {
  it('colours only on a terminal, and not where NO_COLOR is set to anything', () => {
    expect(paintFor(true, undefined)).toBe(terminalPaint)
    expect(paintFor(true, '')).toBe(terminalPaint)
    expect(paintFor(true, '1')).toBe(noPaint)
    expect(paintFor(false, undefined)).toBe(noPaint)
    expect(terminalPaint.bold('x')).toBe('\u001b[1mx\u001b[22m')
  })
})

describe('event history', () => {
  it('knows its end and the short name of its detector', () => {
    expect(endOf(history(1, {}))).toBeNull()
    expect(endOf(history(1, {}, completed))?.state).toBe('COMPLETED')
    expect(kindOf(history(1, { eventId: 'own-kind_A_B_5' }).event)).toBe('own-kind')
  })
})
