import { describe, expect, it } from 'vitest'
import { failedHunt } from '../../../../src/stages/detection/failed-hunt.ts'
import { epochMs, type Fields, Watched } from './watched.ts'

/** σ is 10 bp, so 600 ticks at 600,000; the prior 30 minutes lie between 597,000 and 600,000. */
const inside: Fields = {
  lastTicks: 599_000,
  regime: 3,
  volatility60sLong: 0.001,
  volumeLots1sLong: 10,
  volumeLots15s: 150,
  signedLots60s: 0,
  priorHigh30m: 600_000,
  priorLow30m: 597_000,
}
/** 1.5 σ above the high, on five times the usual volume. */
const swept: Fields = { lastTicks: 600_900, volumeLots15s: 750 }
/** Half a σ back inside, and a little. */
const reclaimed: Fields = { lastTicks: 599_650 }

function watched(options: Parameters<typeof failedHunt>[0] = {}, fields: Fields = inside): Watched {
  return new Watched([failedHunt(options)], fields)
}

/** A hunt of the high that fires at 120. */
function fired(options: Parameters<typeof failedHunt>[0] = {}): Watched {
  const hunt = watched(options)
  hunt.at(100)
  hunt.at(110, swept)
  expect(hunt.says(119, reclaimed)).toEqual([])
  expect(hunt.says(120)).toEqual(['detected'])
  return hunt
}

describe('failed hunt: trigger', () => {
  it('fires against a swept high when it is taken back, with its stop beyond the sweep and the evidence', () => {
    const [event] = fired().events
    expect(event).toMatchObject({
      eventId: `hunt_BTC_${epochMs + 120_000}`,
      eventType: 'FAILED_HUNT',
      side: 'short',
      referenceTicks: 599_650,
      // 0.5 σ of 600,900 above it, and twice that distance below.
      stopTicks: 601_200,
      targetTicks: 596_550,
      rewardRisk: 2,
      winRate: 0.35,
      expiresAtNs: 1020e9,
    })
    expect(event!.evidence).toMatchObject({
      level_ticks: 600_000,
      extreme_ticks: 600_900,
      sweep_sigmas: 1.5,
      reclaim_s: 10,
      volume_ratio_15s: 5,
      sigma_bp: 10,
    })
    expect(event!.evidence.reclaim_sigmas).toBeCloseTo(-350 / 600, 12)
    expect(event!.priorityScore).toBeCloseTo(
      0.4 + 0.25 * (1 - 0.5 / 1.5) + 0.2 * (1 - 2 / 5) + 0.15 * (1 - 10 / 45),
      12,
    )
  })

  it('fires long on a swept low, all signs turned', () => {
    const hunt = watched()
    hunt.at(100)
    hunt.at(110, { lastTicks: 596_000, volumeLots15s: 750 })
    hunt.at(119, { lastTicks: 597_400 })
    hunt.at(120)
    expect(hunt.events[0]).toMatchObject({ side: 'long', stopTicks: 595_702, targetTicks: 600_796 })
  })

  it.each<[string, Fields, Fields]>([
    ['the sweep was shallow', { lastTicks: 600_200, volumeLots15s: 750 }, reclaimed],
    ['the sweep had usual volume', { lastTicks: 600_900 }, reclaimed],
    ['the price is hardly back inside', swept, { lastTicks: 599_800 }],
    ['it went so far that it is a breakout', { lastTicks: 603_100, volumeLots15s: 750 }, reclaimed],
    ['nobody knows the extreme that stood before', { ...swept, priorHigh30m: Number.NaN }, reclaimed],
    ['σ is not known', { ...swept, volatility60sLong: Number.NaN }, reclaimed],
    ['the usual volume is not known', { ...swept, volumeLots1sLong: Number.NaN }, reclaimed],
  ])('does not fire when %s', (_why, sweep, reclaim) => {
    const hunt = watched()
    hunt.at(100)
    hunt.at(110, sweep)
    hunt.at(119, reclaim)
    expect(hunt.says(120)).toEqual([])
  })

  it('does not fire when the reclaim comes too late: that was a breakout', () => {
    const hunt = watched()
    hunt.at(100)
    hunt.at(110, swept)
    hunt.at(154.5, reclaimed)
    expect(hunt.says(155.6)).toEqual([])
    // Nor does the same sweep count again as long as the price was not inside.
    expect(hunt.says(156, { lastTicks: 600_500 })).toEqual([])
  })

  it('measures σ and the level when the level is crossed: the sweep itself does not move them', () => {
    const hunt = watched()
    hunt.at(100)
    hunt.at(110, swept)
    hunt.at(115, { volatility60sLong: 0.01, priorHigh30m: 700_000 })
    hunt.at(119, reclaimed)
    expect(hunt.says(120)).toEqual(['detected'])
    expect(hunt.events[0]!.evidence).toMatchObject({ level_ticks: 600_000, sigma_bp: 10 })
  })
})

describe('failed hunt: reclaim', () => {
  it('a price that touches the inside between two sweeps of the book has not been taken back', () => {
    const hunt = watched()
    hunt.at(100)
    hunt.at(110, swept)
    // One market order ended beyond the level, the next begins inside and ends beyond it again.
    expect(hunt.says(110.07, reclaimed)).toEqual([])
    expect(hunt.says(110.07, { lastTicks: 601_000 })).toEqual([])
    expect(hunt.says(111.5)).toEqual([])
    hunt.at(112, reclaimed)
    expect(hunt.says(112.9)).toEqual([])
    expect(hunt.says(113)).toEqual(['detected'])
  })
})

describe('failed hunt: one happening is one event', () => {
  it('a level has one sweep, and the next hunt waits for the cool-down', () => {
    const hunt = fired()
    // Back out and in again: the live event goes on, nothing new.
    expect(hunt.says(130, swept)).toEqual([])
    expect(hunt.says(135, reclaimed)).toEqual([])
    expect(hunt.says(140, { lastTicks: 601_200 })).toEqual(['INVALIDATED'])
    expect(hunt.says(150, { lastTicks: 599_000 })).toEqual([])
    hunt.at(151)
    hunt.at(160, swept)
    hunt.at(168, reclaimed)
    expect(hunt.says(170)).toEqual([])
    hunt.at(270, { lastTicks: 599_000 })
    hunt.at(275)
    hunt.at(280, swept)
    hunt.at(289, reclaimed)
    expect(hunt.says(290)).toEqual(['detected'])
  })
})

describe('failed hunt: life', () => {
  it('goes ACTIVE when it continues, COMPLETING half way, COMPLETED at the target', () => {
    const hunt = fired()
    expect(hunt.says(130, { lastTicks: 599_040 })).toEqual(['ACTIVE'])
    expect(hunt.says(140, { lastTicks: 598_100 })).toEqual(['COMPLETING'])
    expect(hunt.says(150, { lastTicks: 596_550 })).toEqual(['COMPLETED'])
    expect(hunt.transitions.at(-1)!.evidence).toMatchObject({ alive_s: 30 })
  })

  it('is INVALIDATED at its stop, COMPLETED when its time is over', () => {
    expect(fired().says(130, { lastTicks: 601_200 })).toEqual(['INVALIDATED'])
    const slow = fired()
    expect(slow.says(1009, {})).toEqual([])
    expect(slow.says(1010, {})).toEqual(['COMPLETED'])
  })
})
