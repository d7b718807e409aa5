import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { DetectedSignal, DetectionSignal } from '../../../../src/domain/detection-signal.ts'
import { builtInEventTypes } from '../../../../src/domain/event.ts'
import type { Instrument } from '../../../../src/domain/instrument.ts'
import { createMarketRecord, type MarketRecord } from '../../../../src/domain/market.ts'
import type { Timeline } from '../../../../src/domain/units.ts'
import { builtInDetectors } from '../../../../src/stages/detection/built-in-detectors.ts'
import { DetectorSet } from '../../../../src/stages/detection/detector-set.ts'
import { openRecordings, type RecordedFeed } from '../../../../src/stages/feed/recorded-feed.ts'
import { MarketState } from '../../../../src/stages/state/market-state.ts'
import { describeWithShared } from '../../../support/shared.ts'
import { shuffledMinutes } from './shuffled-minutes.ts'

const symbols = ['BTC', 'ETH', 'SOL']
const days = ['20260614', '20260617', '20260620', '20260621']
const shuffleSeeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
/** What needs a real happening: it must go away when the minutes are shuffled. */
const happenings = ['LIQUIDATION_CASCADE', 'FAILED_HUNT']

function detect(
  instruments: readonly Instrument[],
  timeline: Timeline,
  records: readonly MarketRecord[],
): DetectionSignal[] {
  const signals: DetectionSignal[] = []
  const state = new MarketState(instruments.length)
  const detectors = new DetectorSet({
    instruments,
    eventTypes: builtInEventTypes,
    timeline,
    detectors: builtInDetectors(),
    emit: (signal) => signals.push(signal),
  })
  for (const record of records) {
    state.apply(record)
    detectors.step(record.symbolIndex, state.row(record.symbolIndex))
  }
  return signals
}

async function recordsOf(feed: RecordedFeed): Promise<MarketRecord[]> {
  const records: MarketRecord[] = []
  for (let batch = await feed.nextBatch(); batch.count > 0; batch = await feed.nextBatch()) {
    for (let index = 0; index < batch.count; index += 1) records.push({ ...batch.records[index]! })
  }
  return records
}

function eventsOf(signals: readonly DetectionSignal[]): DetectedSignal[] {
  return signals.filter((signal) => signal.kind === 'detected')
}

function cascadesOf(signals: readonly DetectionSignal[]): DetectedSignal[] {
  return eventsOf(signals).filter((event) => event.eventType === 'LIQUIDATION_CASCADE')
}

/** Unix milliseconds of an event's detection, from its id. */
function detectedMs(event: DetectedSignal): number {
  return Number(event.eventId.split('_')[2])
}

/** Unix milliseconds of a UTC time on a day. */
function unixMs(day: string, time: string): number {
  return Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${time}:00Z`)
}

function between(events: readonly DetectedSignal[], day: string, from: string, until: string): DetectedSignal[] {
  return events.filter((event) => {
    const ms = detectedMs(event)
    return ms >= unixMs(day, from) && ms < unixMs(day, until)
  })
}

describeWithShared('detection on recorded days of Hyperliquid', (root) => {
  const signalsOf = new Map<string, DetectionSignal[]>()
  const shuffledCounts = new Map<string, number>()

  beforeAll(async () => {
    for (const day of days) {
      const folder = join(root, 'data', 'hyperliquid')
      const paths = symbols.flatMap((symbol) =>
        ['trades', 'ctx'].map((kind) => join(folder, `${kind}_${symbol}_${day}.jsonl.gz`)),
      )
      const feed = await openRecordings(paths)
      const records = await recordsOf(feed)
      await feed.close()
      signalsOf.set(day, detect(feed.instruments, feed.timeline, records))
      for (const seed of shuffleSeeds) {
        const shuffled = shuffledMinutes(records, symbols.length, seed)
        for (const { eventType } of eventsOf(detect(feed.instruments, feed.timeline, shuffled))) {
          shuffledCounts.set(eventType, (shuffledCounts.get(eventType) ?? 0) + 1)
        }
      }
    }
  }, 600_000)

  it.each([
    ['20260614', '21:15', '21:25', ['BTC']],
    ['20260617', '18:00', '18:06', symbols],
    ['20260620', '14:44', '14:47', symbols],
  ] as const)('sees the cascades of %s between %s and %s', (day, from, until, expected) => {
    const inside = between(cascadesOf(signalsOf.get(day)!), day, from, until)
    for (const symbol of expected) expect(inside.map((event) => event.symbol)).toContain(symbol)
  })

  it('puts the cascades of 18:00 in the direction of the fall', () => {
    const first = between(cascadesOf(signalsOf.get('20260617')!), '20260617', '18:00', '18:01')
    expect(first.map(({ symbol, side }) => `${symbol} ${side}`).sort()).toEqual(['BTC short', 'ETH short', 'SOL short'])
  })

  it('finds each of the four types in each symbol on some day, and none more than 40 times on one', () => {
    const count = (day: string, eventType: string, symbol: string): number =>
      eventsOf(signalsOf.get(day)!).filter((event) => event.eventType === eventType && event.symbol === symbol).length
    for (const eventType of builtInEventTypes) {
      for (const symbol of symbols) {
        const counts = days.map((day) => count(day, eventType, symbol))
        expect(Math.max(...counts), `${eventType} ${symbol} ${counts}`).toBeLessThanOrEqual(40)
        expect(Math.max(...counts), `${eventType} ${symbol} ${counts}`).toBeGreaterThanOrEqual(1)
      }
    }
  })

  it('has several events alive at once around 18:00', () => {
    const signals = signalsOf.get('20260617')!
    const endOf = new Map<string, number>()
    for (const signal of signals) {
      if (signal.kind === 'detected') endOf.set(signal.eventId, signal.expiresAtNs)
      else if (signal.kind === 'transition' && (signal.to === 'COMPLETED' || signal.to === 'INVALIDATED')) {
        endOf.set(signal.eventId, signal.atNs)
      }
    }
    const events = between(eventsOf(signals), '20260617', '18:00', '18:06')
    const aliveAt = (atNs: number): number =>
      events.filter((event) => event.detectedAtNs <= atNs && atNs < endOf.get(event.eventId)!).length
    const most = Math.max(...events.map((event) => aliveAt(event.detectedAtNs)))
    expect(most).toBeGreaterThanOrEqual(2)
  })

  it('never fails, never repeats an id, and speaks only of events that are alive', () => {
    for (const signals of signalsOf.values()) {
      const seen = new Set<string>()
      const ended = new Set<string>()
      for (const signal of signals) {
        if (signal.kind === 'failed') throw signal.error
        if (signal.kind === 'detected') {
          expect(seen.has(signal.eventId)).toBe(false)
          seen.add(signal.eventId)
        } else {
          expect(seen.has(signal.eventId) && !ended.has(signal.eventId)).toBe(true)
          if (signal.to === 'COMPLETED' || signal.to === 'INVALIDATED') ended.add(signal.eventId)
        }
      }
    }
  })

  it.each(happenings)(
    `finds fewer than a quarter as many %s when the minutes are shuffled (seeds ${shuffleSeeds})`,
    (type) => {
      const real = [...signalsOf.values()].flatMap(eventsOf).filter((event) => event.eventType === type).length
      expect((shuffledCounts.get(type) ?? 0) / shuffleSeeds.length).toBeLessThan(real / 4)
    },
  )
})

describeWithShared('detection on recorded liquidations of Binance', (root) => {
  /** Cascades of the three symbols: from the large trades alone, and with the forced orders beside them. */
  const cascades = async (day: string, names: readonly string[]): Promise<DetectedSignal[]> => {
    const folder = join(root, 'data', `binance-liquidations-${day}`)
    const feed = await openRecordings(
      names.map((name) => join(folder, name)),
      { symbols },
    )
    const signals = detect(feed.instruments, feed.timeline, await recordsOf(feed))
    await feed.close()
    return cascadesOf(signals)
  }

  it.each([[['binance_trades.csv.gz']], [['binance_trades.csv.gz', 'binance.csv.gz', 'binance_big_liqs.csv.gz']]])(
    'sees no cascade on a quiet weekend, whatever its holes, in %s',
    async (names) => {
      expect((await cascades('20251227', names)).map((event) => event.eventId)).toEqual([])
    },
  )

  it.each([[['binance_trades.csv.gz']], [['binance_trades.csv.gz', 'binance.csv.gz']]])(
    'sees the BTC cascade of 2025-01-27 begin between 17:07 and 17:09 in %s',
    async (names) => {
      const detected = between(await cascades('20250127', names), '20250127', '17:07', '17:09')
      expect(detected.map(({ symbol, side }) => `${symbol} ${side}`)).toEqual(['BTC short'])
      const tellsLiquidations = detected[0]!.evidence.liquidation_share_60s !== undefined
      expect(tellsLiquidations).toBe(names.length === 2)
    },
  )
})

describe('shuffled minutes', () => {
  it('keep times and sizes, change prices, and one seed gives one day', () => {
    const trade = (minute: number, priceTicks: number): MarketRecord => ({
      ...createMarketRecord(),
      atNs: minute * 60e9 + 30e9,
      priceTicks,
      quantityLots: minute,
      aggressor: 1,
    })
    const day = [trade(0, 1_000_000), trade(1, 1_010_000), trade(2, 1_000_000), trade(1439, 1_050_000)]
    const shuffled = shuffledMinutes(day, 1, 5)
    expect(shuffled.map(({ atNs, quantityLots }) => [atNs, quantityLots])).toEqual(
      day.map(({ atNs, quantityLots }) => [atNs, quantityLots]),
    )
    expect(shuffled.map(({ priceTicks }) => priceTicks)).not.toEqual(day.map(({ priceTicks }) => priceTicks))
    expect(shuffledMinutes(day, 1, 5)).toEqual(shuffled)
  })
})
