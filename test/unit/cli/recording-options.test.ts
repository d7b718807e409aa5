import { describe, expect, test } from 'vitest'
import { rangeOf, recordingChoiceOf, symbolsOf, timeOf } from '../../../src/cli/recording-options.ts'
import { parseConfig } from '../../../src/config.ts'

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
