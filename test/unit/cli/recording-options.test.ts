import { describe, expect, test } from 'vitest'
import { rangeOf, reachedOf, recordingChoiceOf, symbolsOf, timeOf } from '../../../src/cli/recording-options.ts'
import { parseConfig } from '../../../src/config.ts'
import { Timeline } from '../../../src/domain/units.ts'
import type { RecordedFeed } from '../../../src/stages/feed/recorded-feed.ts'

describe('command input', () => {
  test('command input: a time is ISO 8601, without a zone UTC, or Unix milliseconds', () => {
    const evening = Date.UTC(2026, 5, 17, 18)
    for (const text of [
      '2026-06-17T18:00:00Z',
      '2026-06-17T18:00Z',
      '2026-06-17T18:00',
      '2026-06-17T18:00:00.000',
      '2026-06-17T20:00:00+02:00',
      `${evening}`,
    ]) {
      expect(timeOf('--from', text), text).toBe(evening)
    }
    expect(timeOf('--from', '2026-06-17')).toBe(Date.UTC(2026, 5, 17))
    expect(timeOf('--from', undefined)).toBeUndefined()
  })

  test('command input: what is no time is refused with the option and the text', () => {
    for (const text of [
      '',
      'yesterday',
      '2026-13-01',
      '2026-02-30',
      '2026-06-31T12:00Z',
      '2026-06-17 18:00',
      '17.06.2026',
      '1781654400',
      '18:00',
      '2026-06-17T25:00',
    ]) {
      expect(() => timeOf('--to', text), text).toThrow(
        `--to: must be a time as 2026-06-17T18:00:00Z or in Unix milliseconds, got ${JSON.stringify(text)}`,
      )
    }
  })

  test('command input: a range must not be empty', () => {
    expect(rangeOf('2026-06-17', undefined)).toEqual({ fromUnixMs: Date.UTC(2026, 5, 17) })
    expect(rangeOf(undefined, '2026-06-17')).toEqual({ untilUnixMs: Date.UTC(2026, 5, 17) })
    expect(rangeOf(undefined, undefined)).toEqual({})
    expect(() => rangeOf('2026-06-17', '2026-06-17')).toThrow('--to: must be after --from, got "2026-06-17"')
  })

  test('command input: symbols are a list, each once', () => {
    expect(symbolsOf('--symbols', 'BTC, ETH')).toEqual(['BTC', 'ETH'])
    expect(symbolsOf('--symbols', undefined)).toBeUndefined()
    for (const text of ['', 'BTC,', ','])
      expect(() => symbolsOf('--symbols', text), text).toThrow('must be symbols like BTC,ETH')
    expect(() => symbolsOf('--symbols', 'BTC,ETH,BTC')).toThrow('--symbols: names BTC twice')
  })
})

describe('recording options', () => {
  const config = parseConfig(null, null)
  const six = Date.UTC(2026, 5, 17, 18)

  test('recording options: the hour before --from warms the state up, but for hourly tables', () => {
    const choice = recordingChoiceOf(['a.jsonl'], { from: '2026-06-17T18:00Z' }, config)
    expect(choice.feed.fromUnixMs).toBe(six - 3_600_000)
    expect(choice.warmUntilUnixMs).toBe(six)
    const hourly = recordingChoiceOf(['candles.parquet'], { from: '2026-06-17T18:00Z' }, config)
    expect(hourly.feed.fromUnixMs).toBe(six)
    expect(hourly.warmUntilUnixMs).toBe(Number.NEGATIVE_INFINITY)
    expect(recordingChoiceOf(['a.jsonl'], {}, config).warmUntilUnixMs).toBe(Number.NEGATIVE_INFINITY)
  })

  test('recording options: files of other symbols than --symbols are passed over', () => {
    expect(recordingChoiceOf(['a'], { symbols: 'BTC' }, config).feed).toMatchObject({
      symbols: ['BTC'],
      passesOverOthers: true,
    })
  })
})

describe('how far a choice of recordings has been run over', () => {
  const evening = Date.UTC(2026, 5, 17, 18)
  const feed = {
    timeline: new Timeline(evening),
    firstNs: BigInt(evening) * 1_000_000n,
    bytesRead: 95,
    bytesTotal: 100,
  } as unknown as RecordedFeed
  const config = parseConfig(null, null)
  const reached = (options: { from?: string; to?: string }, isPaced = false) =>
    reachedOf(feed, recordingChoiceOf(['a.jsonl'], options, config), 60e9, { isPaced, records: 5, decisions: 1 })

  test('goes by time when it is over a part, or paced, and by what was read else', () => {
    expect(reached({})).toMatchObject({ isByTime: false, read: 0.95, records: 5, decisions: 1 })
    expect(reached({}, true)).toMatchObject({ isByTime: true, untilUnixMs: undefined })
    expect(reached({ to: '2026-06-17T19:00' })).toMatchObject({
      isByTime: true,
      atUnixMs: evening + 60_000,
      firstUnixMs: evening,
      untilUnixMs: evening + 3_600_000,
    })
  })

  test('the hour that warms the state up is no part of it', () => {
    const later = { from: '2026-06-17T18:30', to: '2026-06-17T19:00' }
    expect(reached(later)).toMatchObject({ isWarmingUp: true, firstUnixMs: evening + 1_800_000 })
    expect(reached({ from: '2026-06-17T18:00' })).toMatchObject({ isWarmingUp: false, firstUnixMs: evening })
  })
})
