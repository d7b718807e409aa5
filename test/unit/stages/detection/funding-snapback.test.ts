import { describe, expect, it } from 'vitest'
import { fundingSnapback } from '../../../../src/stages/detection/funding-snapback.ts'
import { epochMs, type Fields, Watched } from './watched.ts'

/** Funding is neutral, nothing moves; σ is 10 bp. */
const neutral: Fields = {
  lastTicks: 600_000,
  regime: 3,
  volatility60sLong: 0.001,
  low5m: 600_000,
  high5m: 600_000,
  fundingRate: 1.25e-5,
  fundingZ: 0,
  premium: 0,
}
/** Shorts are crowded: 40 × 10⁻⁶ below neutral. */
const extreme: Fields = { fundingRate: -2.75e-5, fundingZ: -6, premium: -0.001 }
/** A quarter of it is gone, and the price is 2 σ off its low. */
const turned: Fields = { fundingRate: -1.7e-5, fundingZ: -4, premium: -0.0004, lastTicks: 601_200 }

function watched(fields: Fields = neutral, options: Parameters<typeof fundingSnapback>[0] = {}): Watched {
  return new Watched([fundingSnapback(options)], fields)
}

/** One that fired at 200 s with reference 601,200: target 604,807, stop 598,795. */
function fired(): Watched {
  const snapback = watched()
  snapback.at(0)
  snapback.at(60, extreme)
  expect(snapback.says(200, turned)).toEqual(['detected'])
  return snapback
}

describe('funding snapback: trigger', () => {
  it('fires against the crowd when a held extreme turns and the price leaves its low', () => {
    const [event] = fired().events
    expect(event).toMatchObject({
      eventId: `snapback_BTC_${epochMs + 200_000}`,
      eventType: 'FUNDING_SNAPBACK',
      typeIndex: 2,
      side: 'long',
      regime: 'sideways',
      expiresAtNs: 1400e9,
      referenceTicks: 601_200,
      targetTicks: 604_807,
      stopTicks: 598_795,
      winRate: 0.3,
    })
    expect(event!.rewardRisk).toBeCloseTo(1.5, 3)
    expect(event!.evidence).toMatchObject({ peak_z: -6, funding: -1.7e-5 })
    expect(event!.evidence.peak_funding).toBeCloseTo(-2.75e-5, 15)
    expect(event!.evidence.retraced).toBeCloseTo(0.2625, 12)
    expect(event!.evidence.premium_turn_bp).toBeCloseTo(6, 12)
    // 0.4 + 0.3 × (1 − 2.5/6) + 0.2 × (1 − 10/40) + 0.1
    expect(event!.priorityScore).toBeCloseTo(0.825, 12)
  })

  it('fires short when longs were crowded, measured from the 5-minute high', () => {
    const snapback = watched()
    snapback.at(60, { fundingRate: 5.25e-5, fundingZ: 6, premium: 0.001 })
    expect(snapback.says(200, { fundingRate: 4e-5, fundingZ: 4, premium: 0.0004, lastTicks: 598_800 })).toEqual([
      'detected',
    ])
    expect(snapback.events[0]).toMatchObject({ side: 'short', stopTicks: 601_195, targetTicks: 595_207 })
  })

  it.each<[string, Fields, Fields]>([
    ['its z-score is not extreme', { ...extreme, fundingZ: -2.4 }, turned],
    ['its excess is small in absolute terms', { ...extreme, fundingRate: 2.6e-6 }, { ...turned, fundingRate: 6e-6 }],
    ['z and excess disagree in sign', { ...extreme, fundingZ: 6 }, turned],
    ['it has not turned', extreme, { ...turned, fundingRate: -2e-5 }],
    ['the price has not left its low', extreme, { ...turned, lastTicks: 600_890 }],
    ['z is not known', { ...extreme, fundingZ: Number.NaN }, turned],
    ['the price is not known', extreme, { ...turned, low5m: Number.NaN }],
  ])('does not fire when %s', (_why, first, then) => {
    const snapback = watched()
    snapback.at(60, first)
    expect(snapback.says(200, then)).toEqual([])
  })

  it('does not take a single sample of the hour for an extreme: it must have held', () => {
    const snapback = watched()
    snapback.at(60, extreme)
    expect(snapback.says(110, { ...turned, fundingZ: -2, fundingRate: 0 })).toEqual([])
    expect(snapback.says(200, turned)).toEqual([])
  })

  it('an extreme that has already come back, or is half an hour old, is missed', () => {
    const back = watched()
    back.at(60, extreme)
    expect(back.says(200, { ...turned, fundingRate: 1e-6 })).toEqual([])
    expect(back.says(201, turned)).toEqual([])
    const old = watched()
    old.at(60, extreme)
    expect(old.says(60 + 1801, turned)).toEqual([])
  })

  it('a quiet market without volatility does not break it: σ counts as at least sigmaMin', () => {
    const snapback = watched({ ...neutral, volatility60sLong: 0 })
    snapback.at(60, extreme)
    expect(snapback.says(200, turned)).toEqual(['detected'])
    expect(snapback.events[0]!.evidence.sigma_bp).toBe(1)
  })
})

describe('funding snapback: life', () => {
  it('goes ACTIVE with the price, COMPLETING and COMPLETED with funding', () => {
    const snapback = fired()
    expect(snapback.says(210, { lastTicks: 602_100 })).toEqual([])
    expect(snapback.says(220, { lastTicks: 602_102 })).toEqual(['ACTIVE'])
    expect(snapback.says(260, { fundingRate: 5e-7 })).toEqual(['COMPLETING'])
    expect(snapback.says(320, { fundingRate: 8.5e-6 })).toEqual(['COMPLETED'])
  })

  it('is COMPLETED at the target and after its time', () => {
    expect(fired().says(210, { lastTicks: 604_807 })).toEqual(['COMPLETED'])
    const slow = fired()
    expect(slow.says(1339)).toEqual([])
    expect(slow.says(1340)).toEqual(['COMPLETED'])
  })

  it('is INVALIDATED at the stop, and when the crowd goes beyond its peak', () => {
    expect(fired().says(210, { lastTicks: 598_795 })).toEqual(['INVALIDATED'])
    expect(fired().says(210, { fundingRate: -2.8e-5 })).toEqual(['INVALIDATED'])
  })

  it('one extreme is one event: another needs funding to have come back, and the cool-down', () => {
    const snapback = fired()
    snapback.at(210, { lastTicks: 604_807 })
    // Still extreme, and deeper still: the same happening.
    expect(snapback.says(900, { ...extreme, fundingRate: -4e-5 })).toEqual([])
    expect(snapback.says(1000, turned)).toEqual([])
    // Back to neutral, then a second extreme.
    expect(snapback.says(1100, neutral)).toEqual([])
    expect(snapback.says(1200, extreme)).toEqual([])
    expect(snapback.says(1300, turned)).toEqual(['detected'])
  })

  it('cools down for ten minutes after an event ended', () => {
    const snapback = fired()
    snapback.at(210, { lastTicks: 604_807 })
    snapback.at(220, neutral)
    snapback.at(230, extreme)
    expect(snapback.says(809, turned)).toEqual([])
    expect(snapback.says(810)).toEqual(['detected'])
  })

  it('the options are checked', () => {
    expect(() => fundingSnapback({ zscore: 3 } as object)).toThrow(/detectors\.snapback\.zscore: unknown option/)
  })
})
