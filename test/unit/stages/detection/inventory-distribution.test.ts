import { describe, expect, it } from 'vitest'
import { inventoryDistribution } from '../../../../src/stages/detection/inventory-distribution.ts'
import { epochMs, type Fields, Watched } from './watched.ts'

/** Heavy buying that moved the price 1 σ in five minutes and nothing in the last one; σ is 10 bp. */
const stalling: Fields = {
  lastTicks: 600_000,
  regime: 3,
  volatility60sLong: 0.001,
  volumeLots1sLong: 10,
  signedLots5m: 3_600,
  volumeLots5m: 6_000,
  signedLots60s: 480,
  volumeLots60s: 800,
  return5m: 0.001,
  return60s: 0.0001,
  high5m: 600_300,
  low5m: 599_000,
}

function watched(options: Parameters<typeof inventoryDistribution>[0] = {}, fields: Fields = stalling): Watched {
  return new Watched([inventoryDistribution(options)], fields)
}

/** Fires at 115. */
function fired(): Watched {
  const distribution = watched()
  distribution.at(100)
  expect(distribution.says(115)).toEqual(['detected'])
  return distribution
}

describe('inventory distribution: trigger', () => {
  it('fires against the flow after the stall has held, its stop beyond the extreme, with the evidence', () => {
    const distribution = watched()
    expect(distribution.says(100)).toEqual([])
    expect(distribution.says(114.9)).toEqual([])
    expect(distribution.says(115)).toEqual(['detected'])
    const [event] = distribution.events
    expect(event).toMatchObject({
      eventId: `distribution_BTC_${epochMs + 115_000}`,
      eventType: 'INVENTORY_DISTRIBUTION',
      side: 'short',
      stopTicks: 600_750,
      targetTicks: 598_875,
      rewardRisk: 1.5,
      winRate: 0.4,
    })
    expect(event!.evidence).toMatchObject({
      one_sidedness_5m: 0.6,
      one_sidedness_60s: 0.6,
      volume_ratio_5m: 2,
      move_5m_sigmas: 1,
      extreme_ticks: 600_300,
      stalled_s: 15,
      sigma_bp: 10,
    })
    expect(event!.priorityScore).toBeCloseTo(0.4 + 0.3 * 0.25 + 0.2 * (0.3 / 0.7), 12)
  })

  it('fires long against selling, all signs turned, and scores more when the price has turned already', () => {
    const selling = watched(
      {},
      {
        ...stalling,
        signedLots5m: -3_600,
        signedLots60s: -480,
        return5m: -0.001,
        return60s: 0.0002,
        low5m: 599_700,
        high5m: 601_000,
      },
    )
    selling.at(100)
    selling.at(115)
    expect(selling.events[0]).toMatchObject({ side: 'long', stopTicks: 599_250, targetTicks: 601_125 })
    expect(selling.events[0]!.priorityScore).toBeCloseTo(0.4 + 0.3 * 0.25 + 0.2 * (0.3 / 0.7) + 0.1, 12)
    expect(selling.events[0]!.evidence.one_sidedness_5m).toBe(-0.6)
    expect(selling.events[0]!.evidence.one_sidedness_60s).toBe(-0.6)
  })

  it.each<[string, Fields]>([
    ['the flow of 5 minutes is two-sided', { signedLots5m: 1_700 }],
    ['the flow of 60 s is two-sided', { signedLots60s: 200 }],
    ['the flow of 60 s has turned', { signedLots60s: -480 }],
    ['the volume of 5 minutes is usual', { signedLots5m: 2_600, volumeLots5m: 4_400 }],
    ['the last minute is quiet', { signedLots60s: 300, volumeLots60s: 590 }],
    ['the price never went with the flow', { return5m: 0.0004 }],
    ['the price still goes with the flow', { return60s: 0.0003 }],
    ['the price has long left its extreme', { high5m: 600_700 }],
    ['σ is not known', { volatility60sLong: Number.NaN }],
    ['the usual volume is not known', { volumeLots1sLong: Number.NaN }],
  ])('does not fire when %s', (_why, changes) => {
    const distribution = watched()
    distribution.at(100, changes)
    expect(distribution.says(115)).toEqual([])
    // The rest of the row does fire it, from where the change ends.
    distribution.at(120, stalling)
    expect(distribution.says(135)).toEqual(['detected'])
  })

  it('a stall that breaks off begins anew', () => {
    const distribution = watched()
    distribution.at(100)
    distribution.at(110, { return60s: 0.001 })
    distribution.at(111, stalling)
    expect(distribution.says(120)).toEqual([])
    expect(distribution.says(126)).toEqual(['detected'])
  })
})

describe('inventory distribution: one flow is one event', () => {
  it('needs the flow to be over and the cool-down to have passed', () => {
    const distribution = fired()
    expect(distribution.says(120, { lastTicks: 600_750 })).toEqual(['INVALIDATED'])
    distribution.at(800, stalling)
    expect(distribution.says(820)).toEqual([])
    distribution.at(830, { signedLots5m: 800 })
    distribution.at(840, stalling)
    expect(distribution.says(855)).toEqual(['detected'])
  })

  it('fires not before the cool-down, even when the flow has changed sides', () => {
    const distribution = fired()
    distribution.at(120, { lastTicks: 600_750 })
    distribution.at(130, { ...stalling, signedLots5m: 800 })
    distribution.at(140, stalling)
    expect(distribution.says(160)).toEqual([])
    expect(distribution.says(720)).toEqual(['detected'])
  })
})

describe('inventory distribution: life', () => {
  it('goes ACTIVE against the flow, COMPLETING when the flow turns, COMPLETED at the target', () => {
    const distribution = fired()
    expect(distribution.says(120, { lastTicks: 599_700 })).toEqual(['ACTIVE'])
    expect(distribution.says(130, { signedLots60s: -10 })).toEqual(['COMPLETING'])
    expect(distribution.says(140, { lastTicks: 598_875 })).toEqual(['COMPLETED'])
  })

  it('is ACTIVE and COMPLETING half way too, and COMPLETED when its time is over', () => {
    const distribution = fired()
    expect(distribution.says(120, { lastTicks: 599_437 })).toEqual(['ACTIVE', 'COMPLETING'])
    expect(distribution.says(1004)).toEqual([])
    expect(distribution.says(1005)).toEqual(['COMPLETED'])
  })
})
