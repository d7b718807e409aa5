import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { instrumentOf } from '../../src/domain/instrument.ts'
import { createMarketRecord, recordKinds } from '../../src/domain/market.ts'
import type { EventChange } from '../../src/domain/message.ts'
import { Timeline } from '../../src/domain/units.ts'
import { Engine } from '../../src/engine.ts'
import {
  durationText,
  EventCounts,
  moneyText,
  type Summary,
  summarize,
  summaryJson,
  summaryLines,
  timeText,
} from '../../src/summary.ts'

const timeline = new Timeline(1_781_654_400_000)
const instruments = [instrumentOf('BTC')]

function summaryOf(tradesAtMs: readonly number[], events = new EventCounts()): Summary {
  const engine = new Engine({
    config: parseConfig(null, null),
    instruments,
    timeline,
    backend: 'auto',
    journal: null,
    monotonicNs: () => 0,
    mode: 'replay',
    report: () => {},
  })
  for (const atMs of tradesAtMs) {
    const trade = { kind: recordKinds.trade, atNs: atMs * 1e6, priceTicks: 600_000, quantityLots: 1, aggressor: 1 }
    engine.process(Object.assign(createMarketRecord(), trade))
  }
  engine.stop()
  const summary = summarize({
    engine,
    events,
    malformed: new Map([
      ['bad_px', 2],
      ['bad_json', 1],
    ]),
    toUnixNs: (atNs) => timeline.toUnixNs(atNs),
    seconds: 2,
    peakRssBytes: 3 * 1_048_576,
    journal: null,
  })
  engine.close()
  return summary
}

describe('summary', () => {
  it('as JSON is one object on one line with the contract’s keys, times as bare digits', () => {
    const text = summaryJson(summaryOf([0, 1_500]))
    expect(text).not.toContain('\n')
    expect(text).toContain('"first_ns":1781654400000000000,"last_ns":1781654401500000000,')
    const json = JSON.parse(text) as Record<string, unknown>
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining([
        ...['records', 'malformed', 'first_ns', 'last_ns', 'events', 'decisions', 'multi_event_decisions', 'selected'],
        ...['trades', 'pnl', 'fees', 'funding', 'equity', 'sharpe', 'reservations', 'orders', 'latency', 'seconds'],
        ...['records_per_s', 'peak_rss_mb', 'backend', 'journal'],
      ]),
    )
    expect(json).toMatchObject({
      records: 2,
      malformed: { bad_json: 1, bad_px: 2 },
      equity: { start: 10_000, end: 10_000, max_drawdown: 0 },
      sharpe: null,
      reservations: {
        granted: 0,
        lost: 0,
        denied: 0,
        denied_by: { INTERLOCKED: 0, SLOT_TAKEN: 0, MAX_POSITIONS: 0, NO_CAPITAL: 0 },
        error: 0,
      },
      starvation_events: 0,
      priority_inversions: 0,
      holder_waits: { events: 0, total_ns: 0, max_ns: 0 },
      service: {},
      orders: {
        declined: 0,
        submitted: 0,
        opened: 0,
        refused: { beyond_limit: 0, beyond_margin: 0, end_of_data: 0 },
      },
      records_per_s: 1,
      peak_rss_mb: 3,
    })
    expect(Object.keys(json.malformed as object)).toEqual(['bad_json', 'bad_px'])
  })

  it('without records there is no first and no last', () => {
    const summary = summaryOf([])
    expect(JSON.parse(summaryJson(summary))).toMatchObject({ records: 0, first_ns: null, last_ns: null })
    expect(summaryLines(summary, instruments).join('\n')).toMatch(/records +0 {2}\(none\)/)
  })

  it('a string that looks like a hole in the JSON stays a string', () => {
    const summary = { ...summaryOf([0]), journal: '\u00000' }
    expect(JSON.parse(summaryJson({ ...summary, journal: 'out "1"' }))).toMatchObject({ journal: 'out "1"' })
  })

  it('events are counted as they are registered, types and symbols in byte order', () => {
    const counts = new EventCounts()
    const add = (eventType: string, symbol: string, state: EventChange['state']): void =>
      counts.add({ kind: 'event', event: { eventType, symbol }, state } as unknown as EventChange)
    add('B', 'ETH', 'TRIGGERED')
    add('B', 'ETH', 'ACTIVE')
    add('A', 'SOL', 'TRIGGERED')
    add('B', 'BTC', 'TRIGGERED')
    add('B', 'ETH', 'TRIGGERED')
    expect(JSON.stringify(counts.toJson())).toBe('{"A":{"SOL":1},"B":{"BTC":1,"ETH":2}}')
  })

  it('lines for people are aligned, and a latency that nobody measured says so', () => {
    const lines = summaryLines(summaryOf([0, 1_500]), instruments)
    const column = lines.map((line) => /^ {2}\S+(?: \S+)* {2,}/.exec(line)?.[0].length)
    expect(new Set(column).size).toBe(1)
    expect(lines.join('\n')).toContain('2  (2026-06-17 00:00:00 to 2026-06-17 00:00:01 UTC)')
    expect(lines.find((line) => line.includes('decision latency'))).toContain('none measured')
  })

  it('a person sees how many entries the venue refused, and why', () => {
    const refused = { beyond_limit: 3, beyond_margin: 0, end_of_data: 0 }
    const orders = { declined: 1, submitted: 5, opened: 2, refused }
    const entries = (changes: Partial<typeof orders>): string =>
      summaryLines({ ...summaryOf([0]), orders: { ...orders, ...changes } }, instruments).find((line) =>
        line.includes('entries'),
      )!
    expect(entries({})).toMatch(/entries +5 sent, 2 filled, 3 refused by their limit; 1 grant declined$/)
    expect(entries({ declined: 0, refused: { beyond_limit: 1, beyond_margin: 1, end_of_data: 1 } })).toMatch(
      /2 filled, 1 refused by their limit, 1 by their margin, 1 not arrived at the end; 0 grants declined$/,
    )
  })

  it('a person sees who starved, who waited for a lower tier, how each type was served and which limit denied', () => {
    const healthy = summaryOf([0])
    const text = (changes: Partial<Summary>): string => summaryLines({ ...healthy, ...changes }, instruments).join('\n')
    expect(text({})).toMatch(/fairness +0 starved, 0 priority inversions; nobody waited for a lower tier’s position/)
    const wait = { mean_ns: 1.26e9, p50_ns: 1e9, p99_ns: 2e9, max_ns: 400e9 }
    const said = text({
      starvation_events: 2,
      holder_waits: { events: 3, total_ns: 7_300e9, max_ns: 130e9 },
      service: { BASIS: { competed: 2, served: 0, wait: null }, FAILED_HUNT: { competed: 5, served: 4, wait } },
      reservations: {
        ...healthy.reservations,
        denied: 3,
        denied_by: { ...healthy.reservations.denied_by, NO_CAPITAL: 2, MAX_POSITIONS: 1 },
      },
    })
    expect(said).toMatch(
      /service +BASIS: 0 of 2 events selected\n +FAILED_HUNT: 4 of 5 events selected, waited 1\.3 s on average, 6\.7 min at most\n/,
    )
    expect(said).toContain(
      '2 starved, 0 priority inversions; 3 waited for a lower tier’s position, 2.0 h in all, 2.2 min at most',
    )
    expect(said).toContain('3 denied (MAX_POSITIONS 1, NO_CAPITAL 2), 0 failed')
  })

  it('figures for people', () => {
    expect([999, 1_000, 12_345, 3_100_000, 2e9].map(durationText)).toEqual([
      '999 ns',
      '1.00 µs',
      '12.3 µs',
      '3.10 ms',
      '2.00 s',
    ])
    expect([0, -0, 1234.5, -0.01].map(moneyText)).toEqual(['0.00', '0.00', '1,234.50', '-0.01'])
    expect(timeText(1_781_654_399_999_999_999n)).toBe('2026-06-16 23:59:59')
  })
})
