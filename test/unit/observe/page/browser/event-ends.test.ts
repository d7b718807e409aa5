import { describe, expect, it } from 'vitest'
import { endMark, wasInFavour } from '../../../../../src/observe/page/browser/event-ends.ts'
import type { PageChange, PageEvent } from '../../../../../src/observe/page/page-data.ts'

function eventOf(
  side: PageEvent['side'],
  endTicks: number,
  state: PageChange['state'],
  cause: PageChange['cause'] = 'detector',
): PageEvent {
  const evidence = {}
  return {
    id: 'x',
    type: 'X',
    symbol: 0,
    side,
    score: 0.5,
    regime: 'trend',
    rewardRisk: 2,
    winRate: 0.4,
    expiresAtMs: 9,
    referenceTicks: 100,
    targetTicks: 110,
    stopTicks: 90,
    changes: [
      { state: 'TRIGGERED', atMs: 0, cause: 'detector', lastTicks: 100, evidence },
      { state, atMs: 1, cause, lastTicks: endTicks, evidence },
    ],
  }
}

describe('end of an event', () => {
  it.each([
    ['long', 101, true],
    ['long', 99, false],
    ['short', 99, true],
    ['short', 101, false],
    ['short', 100, null],
  ] as const)('a %s whose price ended at %i of 100: in its favour %s', (side, ticks, favour) => {
    expect(wasInFavour(eventOf(side, ticks, 'COMPLETED'))).toBe(favour)
  })

  it('completed is ✓, and ○ where the price had gone against it', () => {
    expect(endMark(eventOf('short', 99, 'COMPLETED'))).toBe('✓')
    expect(endMark(eventOf('short', 100, 'COMPLETED'))).toBe('✓')
    expect(endMark(eventOf('short', 101, 'COMPLETED'))).toBe('○')
  })

  it('invalidated, expired and live have marks of their own, wherever the price went', () => {
    expect(endMark(eventOf('long', 101, 'INVALIDATED'))).toBe('✕')
    expect(endMark(eventOf('long', 99, 'INVALIDATED', 'expiry'))).toBe('–')
    expect(endMark(eventOf('long', 99, 'ACTIVE'))).toBe('…')
  })
})
