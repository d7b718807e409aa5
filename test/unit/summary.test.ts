import { describe, expect, it } from 'vitest'
import type { EventChange } from '../../src/domain/message.ts'
import { durationText, EventCounts, moneyText, summaryJson, timeText } from '../../src/summary.ts'
import { summaryOf } from '../support/short-run.ts'

describe('summary', () => {
  it('as JSON is one object on one line with the contract’s keys, times as bare digits', () => {
    const text = summaryJson(summaryOf([0, 1_500]))
    expect(text).not.toContain('\n')
    expect(text).toContain('"first_ns":1781654400000000000,"last_ns":1781654401500000000,')
    const json = JSON.parse(text) as Record<string, unknown>
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining([
        ...['records', 'malformed', 'first_ns', 'last_ns', 'events', 'decisions', 'multi_event_decisions', 'selected'],
        ...[
          'rejections',
          'trades',
          'pnl',
          'fees',
          'funding',
          'equity',
          'sharpe',
          'reservations',
          'orders',
          'latency',
          'seconds',
        ],
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
      rejections: {},
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
      latency: {
        record: { count: 0, p50_ns: 0, p99_ns: 0, max_ns: 0 },
        decision: { count: 0, p50_ns: 0, p99_ns: 0, max_ns: 0 },
      },
      records_per_s: 1,
      peak_rss_mb: 3,
    })
    expect(Object.keys(json.malformed as object)).toEqual(['bad_json', 'bad_px'])
  })

  it('without records there is no first and no last', () => {
    const summary = summaryOf([])
    expect(JSON.parse(summaryJson(summary))).toMatchObject({ records: 0, first_ns: null, last_ns: null })
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

  it('of latencies it has the stages that were measured, record and decision in any case', () => {
    const keys = (trades: number): string[] =>
      Object.keys(summaryOf(Array.from({ length: trades }, (_, index) => index)).latency)
    expect(keys(15)).toEqual(['record', 'decision'])
    expect(keys(16)).toEqual(['state', 'detection', 'arbitration', 'record', 'decision'])
  })

  it('figures for people', () => {
    expect([999, 1_000, 12_345, 3_100_000, 2e9].map(durationText)).toEqual([
      '999 ns',
      '1.00 µs',
      '12.3 µs',
      '3.10 ms',
      '2.00 s',
    ])
    // What rounds up to a thousand is one of the next unit.
    expect([999.7, 999_499, 999_500, 999_600_000].map(durationText)).toEqual(['1.00 µs', '999 µs', '1.00 ms', '1.00 s'])
    expect([0, -0, 1234.5, -0.01].map(moneyText)).toEqual(['0.00', '0.00', '1,234.50', '-0.01'])
    expect(timeText(1_781_654_399_999_999_999n)).toBe('2026-06-16 23:59:59')
  })
})
