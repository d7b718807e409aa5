import { describe, expect, it } from 'vitest'
import { type DetectedChange, DetectionRun } from '../../src/detection-run.ts'
import { instrumentOf } from '../../src/domain/instrument.ts'
import { clearRecord, createMarketRecord, type MarketRecord, recordKinds } from '../../src/domain/market.ts'
import { Timeline } from '../../src/domain/units.ts'
import type { Detector, DetectorContext } from '../../src/stages/detection/detector.ts'

const timeline = new Timeline(1_781_654_400_000)
const instruments = [instrumentOf('BTC'), instrumentOf('ETH')]
const eventTypes = ['OWN', 'OTHER']

function detector(kind: string, eventType: string, step: (context: DetectorContext) => void): Detector {
  return { eventType, kind, watch: () => ({ step: (_row, context) => step(context) }) }
}

function fire(context: DetectorContext, lifeNs: number): void {
  const draft = { side: 'long', priorityScore: 0.5, targetTicks: 1_100, stopTicks: 900, winRate: 0.4 } as const
  context.fire({ ...draft, lifeNs, evidence: { ratio: 2 } })
}

interface Watched {
  readonly run: DetectionRun
  readonly changes: DetectedChange[]
  readonly reports: string[]
  trade(second: number, symbolIndex?: number, priceTicks?: number): void
}

/** Warmed up: a regime is known, so that events can fire. */
function watched(...detectors: Detector[]): Watched {
  const changes: DetectedChange[] = []
  const reports: string[] = []
  const run = new DetectionRun({
    instruments,
    timeline,
    eventTypes,
    detectors,
    onChange: (change) => changes.push(change),
    report: (line) => reports.push(line),
  })
  const record: MarketRecord = createMarketRecord()
  const trade = (second: number, symbolIndex = 0, priceTicks = 1_000): void => {
    clearRecord(record, recordKinds.trade, symbolIndex, second * 1e9)
    record.priceTicks = priceTicks
    record.quantityLots = 1
    record.aggressor = 1
    run.process(record)
  }
  for (let second = 0; second <= 1_000; second += 1)
    for (const symbol of [0, 1]) trade(second, symbol, 1_000 + (second % 7))
  expect(changes).toEqual([])
  return { run, changes, reports, trade }
}

const told = (changes: readonly DetectedChange[]): (string | number)[][] =>
  changes.map(({ event, state, atNs, cause }) => [event.symbol, event.eventType, state, atNs / 1e9, cause])

describe('detection run', () => {
  it('an event that expires is INVALIDATED at its expiry, before the record that passes it, with the price of before', () => {
    const set = watched(detector('own', 'OWN', (context) => context.nowNs === 1_001e9 && fire(context, 5e9)))
    set.trade(1_001)
    set.trade(1_005.9, 0, 1_003)
    set.trade(1_006, 1, 2_000)
    expect(told(set.changes)).toEqual([
      ['BTC', 'OWN', 'TRIGGERED', 1_001, 'detector'],
      ['BTC', 'OWN', 'INVALIDATED', 1_006, 'expiry'],
    ])
    expect(set.changes.map(({ evidence, lastTicks }) => [evidence, lastTicks])).toEqual([
      [{ ratio: 2 }, 1_000],
      [{ expired: 1 }, 1_003],
    ])
  })

  it('of several expiries the earliest is told first, and of equal ones the first detected', () => {
    const set = watched(
      detector(
        'own',
        'OWN',
        (context) => context.nowNs === 1_001e9 && fire(context, context.symbolIndex === 0 ? 9e9 : 7e9),
      ),
      detector('other', 'OTHER', (context) => context.nowNs === 1_001e9 && fire(context, 9e9)),
    )
    set.trade(1_001, 0)
    set.trade(1_001, 1)
    set.changes.length = 0
    set.trade(2_000)
    expect(told(set.changes)).toEqual([
      ['ETH', 'OWN', 'INVALIDATED', 1_008, 'expiry'],
      ['BTC', 'OWN', 'INVALIDATED', 1_010, 'expiry'],
      ['BTC', 'OTHER', 'INVALIDATED', 1_010, 'expiry'],
      ['ETH', 'OTHER', 'INVALIDATED', 1_010, 'expiry'],
    ])
  })

  it('what a detector ends itself does not expire again', () => {
    const set = watched(
      detector('own', 'OWN', (context) => {
        if (context.nowNs === 1_001e9) fire(context, 5e9)
        if (context.nowNs === 1_002e9) context.advance('ACTIVE', { further: 1 })
        if (context.nowNs === 1_003e9) context.advance('COMPLETED')
      }),
    )
    for (const second of [1_001, 1_002, 1_003, 1_100]) set.trade(second)
    expect(told(set.changes).map(([, , state, at]) => [state, at])).toEqual([
      ['TRIGGERED', 1_001],
      ['ACTIVE', 1_002],
      ['COMPLETED', 1_003],
    ])
  })

  it('a detector that throws is reported and the others go on', () => {
    const set = watched(
      detector('own', 'OWN', (context) => {
        if (context.nowNs > 1_000e9) throw new Error('a fault of its own')
      }),
      detector('other', 'OTHER', (context) => context.nowNs === 1_001e9 && fire(context, 5e9)),
    )
    set.trade(1_001)
    set.trade(1_002)
    expect(set.reports).toEqual([expect.stringContaining('detector own on BTC is stopped: a fault of its own')])
    expect(told(set.changes)).toEqual([['BTC', 'OTHER', 'TRIGGERED', 1_001, 'detector']])
    expect(set.run.records).toBe(2_004)
  })
})
