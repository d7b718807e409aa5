import { describe, expect, it } from 'vitest'
import { liquidationCascade } from '../../../../src/stages/detection/liquidation-cascade.ts'
import { epochMs, type Fields, Watched } from './watched.ts'

/** A fall of 4 σ in 60 s, of 6 σ in 15 s, on one-sided volume; σ is 10 bp. */
const falling: Fields = {
  lastTicks: 600_000,
  regime: 0,
  volatility60sLong: 0.001,
  volumeLots1sLong: 10,
  return60s: -0.004,
  return15s: -0.003,
  signedLots15s: -800,
  volumeLots15s: 1000,
  signedLots60s: -1200,
  volumeLots60s: 2000,
  openInterestLots: 3_000_000,
  openInterestChange5m: -0.0001,
}
const calm: Fields = { return60s: -0.0001, return15s: 0 }

function watched(options: Parameters<typeof liquidationCascade>[0] = {}, fields: Fields = falling): Watched {
  return new Watched([liquidationCascade(options)], fields)
}

describe('liquidation cascade: trigger', () => {
  it('fires in the direction of the move, with target and stop by the size of the move and its evidence', () => {
    const cascade = watched()
    expect(cascade.says(100)).toEqual(['detected'])
    const [event] = cascade.events
    expect(event).toMatchObject({
      eventId: `cascade_BTC_${epochMs + 100_000}`,
      eventType: 'LIQUIDATION_CASCADE',
      typeIndex: 0,
      symbol: 'BTC',
      side: 'short',
      regime: 'expansion',
      detectedAtNs: 100e9,
      waitingSinceNs: 100e9,
      expiresAtNs: 220e9,
      referenceTicks: 600_000,
      targetTicks: 597_600,
      stopTicks: 601_200,
      rewardRisk: 2,
      winRate: 0.4,
      capitalRequiredMinor: 0,
    })
    expect(event!.evidence.move_sigmas).toBeCloseTo(-4, 12)
    expect(event!.evidence.burst_sigmas).toBeCloseTo(-6, 12)
    expect(event!.evidence).toMatchObject({
      one_sidedness_15s: 0.8,
      one_sidedness_60s: 0.6,
      volume_ratio_15s: 1000 / 150,
      volume_ratio_60s: 2000 / 600,
      origin_ticks: 602_405,
      open_interest_change_5m: -0.0001,
    })
  })

  it('fires long on an up-squeeze, all signs turned', () => {
    const squeeze = watched(
      {},
      {
        ...falling,
        return60s: 0.004,
        return15s: 0.003,
        signedLots15s: 800,
        signedLots60s: 1200,
      },
    )
    squeeze.at(100)
    expect(squeeze.events[0]).toMatchObject({ side: 'long', targetTicks: 602_400, stopTicks: 598_800 })
  })

  it.each<[string, Fields]>([
    ['the move is small', { return60s: -0.0034 }],
    ['the move was slow', { return15s: -0.0019 }],
    ['the last 15 s went the other way', { return15s: 0.003 }],
    ['the burst was two-sided', { signedLots15s: -390 }],
    ['the aggression of 60 s was two-sided', { signedLots60s: -490 }],
    ['the aggression was against the move', { signedLots15s: 800, signedLots60s: 1200 }],
    ['the burst had usual volume', { signedLots15s: -440, volumeLots15s: 445 }],
    ['the 60 s had usual volume', { signedLots60s: -800, volumeLots60s: 890 }],
    ['σ is not known yet', { volatility60sLong: Number.NaN }],
    ['the usual volume is not known yet', { volumeLots1sLong: Number.NaN }],
    ['the regime is not known yet', { regime: Number.NaN }],
    ['nothing is known', { return60s: Number.NaN, return15s: Number.NaN }],
  ])('does not fire when %s', (_why, changes) => {
    const cascade = watched()
    expect(cascade.says(100, changes)).toEqual([])
    // The rest of the row does fire it: the change alone held it back.
    expect(cascade.says(101, falling)).toEqual(['detected'])
  })

  it('takes σ for at least sigmaMin: a move that costs would eat is none', () => {
    const small: Fields = { ...falling, volatility60sLong: 0.0001, return60s: -0.0017, return15s: -0.0017 }
    expect(watched({}, small).says(100)).toEqual([])
    expect(watched({ sigmaMin: 0.0001 }, small).says(100)).toEqual(['detected'])
  })

  it('fires without any word of open interest, and leaves it out of the evidence', () => {
    const cascade = watched({}, { ...falling, openInterestLots: Number.NaN, openInterestChange5m: Number.NaN })
    expect(cascade.says(100)).toEqual(['detected'])
    expect(cascade.events[0]!.evidence).not.toHaveProperty('open_interest_change_5m')
  })

  it('survives a market without usual volume: ratios are capped, the watch lives on', () => {
    const cascade = watched({}, { ...falling, volumeLots1sLong: 0 })
    expect(cascade.says(100)).toEqual(['detected'])
    expect(cascade.events[0]!.evidence.volume_ratio_15s).toBe(1000)
  })
})

describe('liquidation cascade: prices out of this world', () => {
  it('a fall to a single tick leaves no room for a target: nothing fires, and the watch lives on', () => {
    const cascade = watched()
    expect(cascade.says(100, { lastTicks: 1, return60s: -13, return15s: -13 })).toEqual([])
    expect(cascade.says(101, falling)).toEqual(['detected'])
  })

  it('a rise to where the target would pass 2^53 ticks has it there', () => {
    const squeeze = { return60s: 7, return15s: 7, signedLots15s: 800, signedLots60s: 1200 }
    const cascade = watched({}, { ...falling, ...squeeze, lastTicks: 6_500_000_000_000_000 })
    expect(cascade.says(100)).toEqual(['detected'])
    expect(cascade.events[0]).toMatchObject({ targetTicks: Number.MAX_SAFE_INTEGER, stopTicks: 1 })
  })
})

describe('liquidation cascade: priority', () => {
  const scoreOf = (changes: Fields): number => {
    const cascade = watched({}, { ...falling, ...changes })
    cascade.at(100)
    return cascade.events[0]!.priorityScore
  }

  it('is 0.4 for a bare trigger and grows with each piece of evidence', () => {
    const bare = {
      return60s: -0.0035,
      volumeLots15s: 450,
      signedLots15s: -180,
      openInterestChange5m: 0,
    }
    expect(scoreOf(bare)).toBeCloseTo(0.4, 6)
    expect(scoreOf({ ...bare, return60s: -0.007 })).toBeCloseTo(0.55, 6)
    expect(scoreOf({ ...bare, volumeLots15s: 900, signedLots15s: -360 })).toBeCloseTo(0.475, 6)
    expect(scoreOf({ ...bare, signedLots15s: -450 })).toBeCloseTo(0.5, 6)
    expect(scoreOf({ ...bare, openInterestChange5m: -0.002 })).toBeCloseTo(0.45, 6)
  })

  it('stays below 1 whatever the evidence', () => {
    const extreme = { return60s: -0.9, return15s: -0.9, volumeLots15s: 1e9, signedLots15s: -1e9 }
    expect(scoreOf({ ...extreme, openInterestChange5m: -0.5 })).toBeLessThanOrEqual(1)
  })
})

describe('liquidation cascade: life', () => {
  it('goes ACTIVE when the move continues, COMPLETING when the burst decelerates, COMPLETED when it stalls', () => {
    const cascade = watched()
    cascade.at(100)
    expect(cascade.says(101, { lastTicks: 599_500 })).toEqual([])
    expect(cascade.says(102, { lastTicks: 599_390 })).toEqual(['ACTIVE'])
    expect(cascade.says(103, { return15s: -0.005 })).toEqual([])
    // A quarter of the peak burst, which has grown to 10 since.
    expect(cascade.says(110, { return15s: -0.0013 })).toEqual([])
    expect(cascade.says(111, { return15s: -0.00124 })).toEqual(['COMPLETING'])
    expect(cascade.says(131.9)).toEqual([])
    expect(cascade.says(132)).toEqual(['COMPLETED'])
    expect(cascade.transitions.at(-1)!.evidence).toMatchObject({ stalled_s: 30, alive_s: 32 })
  })

  it('goes ACTIVE without a tick of progress when open interest falls after the trigger', () => {
    const cascade = watched()
    cascade.at(100)
    expect(cascade.says(101, { openInterestLots: 2_995_000 })).toEqual([])
    expect(cascade.says(102, { openInterestLots: 2_994_000 })).toEqual(['ACTIVE'])
    expect(cascade.transitions[0]!.evidence.open_interest_fall).toBeCloseTo(0.002, 12)
  })

  it('an open interest of 0 at the trigger does not end the watch: of nothing there is no fall', () => {
    const cascade = watched({}, { ...falling, openInterestLots: 0 })
    cascade.at(100)
    expect(cascade.says(101, { openInterestLots: 3_000_000, lastTicks: 599_390 })).toEqual(['ACTIVE'])
    expect(cascade.transitions[0]!.evidence).not.toHaveProperty('open_interest_fall')
  })

  it('a new extreme keeps it from stalling, until its time is over', () => {
    const cascade = watched()
    cascade.at(100)
    expect(cascade.says(129, { lastTicks: 599_990 })).toEqual([])
    expect(cascade.says(158, { lastTicks: 599_980 })).toEqual([])
    expect(cascade.says(187, { lastTicks: 599_970 })).toEqual([])
    expect(cascade.says(209.9, { lastTicks: 599_960 })).toEqual([])
    expect(cascade.says(210, { lastTicks: 599_950 })).toEqual(['COMPLETED'])
  })

  it('is COMPLETED when the target is reached, and INVALIDATED at the stop', () => {
    const reached = watched()
    reached.at(100)
    expect(reached.says(101, { lastTicks: 597_600 })).toEqual(['COMPLETED'])
    const wrong = watched()
    wrong.at(100)
    expect(wrong.says(101, { lastTicks: 601_199 })).toEqual([])
    expect(wrong.says(102, { lastTicks: 601_200 })).toEqual(['INVALIDATED'])
  })

  it('expires in silence when its records stop: the registry ends it', () => {
    const cascade = watched()
    cascade.at(100)
    expect(cascade.says(220, calm)).toEqual([])
    expect(cascade.says(221, { lastTicks: 601_200 })).toEqual([])
  })
})

describe('liquidation cascade: one happening is one event', () => {
  it('is disarmed until the move of 60 s has fallen to half its threshold', () => {
    const cascade = watched()
    cascade.at(100)
    expect(cascade.says(101, { lastTicks: 597_600 })).toEqual(['COMPLETED'])
    expect(cascade.says(300)).toEqual([])
    expect(cascade.says(301, { return60s: -0.0018 })).toEqual([])
    expect(cascade.says(302, { return60s: -0.004 })).toEqual([])
    expect(cascade.says(303, { return60s: -0.0017 })).toEqual([])
    expect(cascade.says(304, { return60s: -0.004 })).toEqual(['detected'])
  })

  it('cools down after the end of the last one, also when armed', () => {
    const cascade = watched()
    cascade.at(100)
    cascade.at(101, { lastTicks: 597_600 })
    expect(cascade.says(110, calm)).toEqual([])
    expect(cascade.says(160.9, falling)).toEqual([])
    expect(cascade.says(161)).toEqual(['detected'])
  })

  it('the options are checked: an unknown one and one out of range are refused by name', () => {
    expect(() => liquidationCascade({ moveSigma: 3 } as object)).toThrow(
      /detectors\.cascade\.moveSigma: unknown option/,
    )
    expect(() => liquidationCascade({ winRate: 1.5 })).toThrow(/detectors\.cascade\.winRate: must be a number in 0 … 1/)
    expect(() => liquidationCascade({ stallS: Number.NaN })).toThrow(/stallS/)
  })
})

describe('liquidation cascade: a tape that tells liquidations', () => {
  /** Of 60 s: 2,000 lots at 60,000.0 are worth 120,000 minor units; longs were sold out for 0.1 % of that. */
  const told: Fields = { ...falling, longLiquidationMinor60s: 120, shortLiquidationMinor60s: 0 }

  it('fires on them, whatever the aggression looks like, and shows them', () => {
    const cascade = watched({}, { ...told, signedLots15s: 0, signedLots60s: 0 })
    expect(cascade.says(100)).toEqual(['detected'])
    expect(cascade.events[0]!.evidence.liquidation_share_60s).toBeCloseTo(0.001, 12)
    expect(cascade.events[0]!.evidence.liquidation_one_sidedness_60s).toBe(1)
  })

  it.each<[string, Fields]>([
    ['there are none', { longLiquidationMinor60s: 0 }],
    ['they are next to nothing of the volume', { longLiquidationMinor60s: 59 }],
    ['they are of the side that gains', { longLiquidationMinor60s: 0, shortLiquidationMinor60s: 120 }],
    ['they are of both sides', { shortLiquidationMinor60s: 41 }],
  ])('does not fire when %s, however one-sided the aggression', (_why, changes) => {
    const cascade = watched({}, told)
    expect(cascade.says(100, changes)).toEqual([])
    expect(cascade.says(101, told)).toEqual(['detected'])
  })
})
