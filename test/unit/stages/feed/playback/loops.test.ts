/** A playback that loops: what a receiver orders and dedupes by goes on as if the recording did. */
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { monotonicNs } from '../../../../../src/base/clock.ts'
import type { MarketRecord } from '../../../../../src/domain/market.ts'
import { msPerDay } from '../../../../../src/domain/units.ts'
import {
  type PlaybackServer,
  type PlaybackServerOptions,
  startPlaybackServer,
} from '../../../../../src/stages/feed/playback/server.ts'
import { PlaybackTape, type TapeOptions } from '../../../../../src/stages/feed/playback/tape.ts'
import { openRecordings } from '../../../../../src/stages/feed/recorded-feed.ts'
import { contextLine, drain, midnightMs, RecordingFolder, tradeLine, until } from '../recordings.ts'
import { listen } from '../venue.ts'

let folder: RecordingFolder
const servers: PlaybackServer[] = []

beforeEach(() => {
  folder = new RecordingFolder()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  folder.remove()
})

interface PlayedTrade {
  readonly coin: string
  readonly px: string
  readonly time: number
  readonly tid: number
  readonly hash: string
  readonly users: readonly string[]
}

interface Played {
  readonly trades: PlayedTrade[]
  readonly contexts: number
}

/** Plays all of a tape that is due by then. */
async function playOut(tape: PlaybackTape, untilUnixMs = Number.POSITIVE_INFINITY): Promise<Played> {
  const trades: PlayedTrade[] = []
  let contexts = 0
  for (;;) {
    const outcome = await tape.play(untilUnixMs, (channel, _coin, text) => {
      if (channel === 'trades') trades.push(...(JSON.parse(text) as { data: PlayedTrade[] }).data)
      else contexts += 1
    })
    if (outcome !== 'behind') return { trades, contexts }
  }
}

async function withTape<Result>(options: TapeOptions, use: (tape: PlaybackTape) => Promise<Result>): Promise<Result> {
  const tape = await PlaybackTape.open(options)
  try {
    return await use(tape)
  } finally {
    await tape.close()
  }
}

async function play(options: Partial<PlaybackServerOptions> & { files: readonly string[] }): Promise<PlaybackServer> {
  const server = await startPlaybackServer({ timeScale: 1_000, clock: monotonicNs, ...options })
  servers.push(server)
  return server
}

/** Two symbols, several trades a millisecond, contexts, over a little more than one batch of records. */
const busyFiles = (): string[] => [
  folder.write(
    'trades_BTC_1.jsonl.gz',
    Array.from({ length: 1_500 }, (_, row) => tradeLine(10 * Math.floor(row / 3), 100 + row)),
  ),
  folder.write(
    'trades_ETH_1.jsonl.gz',
    Array.from({ length: 400 }, (_, row) => tradeLine(5 + 10 * row, 2_000 + row, 1, 'A')),
  ),
  folder.write('ctx_BTC_1.jsonl', [contextLine(1_000), contextLine(4_000, 0.25)]),
]

describe('playback loops', () => {
  test('playback loops: times strictly go on from loop to loop, by the played stretch and a millisecond', async () => {
    const files = busyFiles()
    const { trades, contexts, once } = await withTape({ files, loops: 4 }, async (tape) => ({
      ...(await playOut(tape)),
      once: { start: tape.startUnixMs, end: tape.endUnixMs },
    }))
    expect(once).toEqual({ start: midnightMs, end: midnightMs + 4_990 })
    expect(contexts).toBe(4 * 2)
    const perLoop = 1_900
    expect(trades).toHaveLength(4 * perLoop)
    const first = trades.slice(0, perLoop)
    for (let loop = 1; loop < 4; loop += 1) {
      const here = trades.slice(loop * perLoop, (loop + 1) * perLoop)
      const back = here.map(({ coin, px, time }) => ({ coin, px, time: time - loop * 4_991 }))
      expect(back).toEqual(first.map(({ coin, px, time }) => ({ coin, px, time })))
      expect(here[0]!.time).toBeGreaterThan(trades[loop * perLoop - 1]!.time)
    }
    expect(trades.every(({ time }, at) => at === 0 || time >= trades[at - 1]!.time)).toBe(true)
  })

  test('playback loops: trade ids, hashes and users never come twice, nor what lies before the begin', async () => {
    const files = busyFiles()
    const fromUnixMs = midnightMs + 4_000
    const { trades } = await withTape({ files, fromUnixMs, loops: 5 }, playOut)
    expect(trades).toHaveLength(5 * 300)
    expect(new Set(trades.map(({ tid }) => tid)).size).toBe(trades.length)
    expect(new Set(trades.map(({ hash }) => hash)).size).toBe(trades.length)
    expect(new Set(trades.map(({ users }) => users.join())).size).toBe(trades.length)
    // Numbered on: 1,600 trades lie before the begin, and are passed over once.
    expect(trades.map(({ tid }) => tid - 1e12)).toEqual(Array.from({ length: 5 * 300 }, (_, at) => 1_600 + at))
    expect(trades.every(({ time }) => time >= fromUnixMs)).toBe(true)
  })

  test('playback loops: the last trades that a late subscriber is told reach back across the seam', async () => {
    const lines = Array.from({ length: 40 }, (_, row) => tradeLine(row, 100 + row))
    const files = [folder.write('trades_BTC_1.jsonl', lines), folder.write('ctx_BTC_1.jsonl', [contextLine(20, 0.5)])]
    await withTape({ files, loops: 2 }, async (tape) => {
      // 40 of the first loop, which ends at 39; the second begins at 40: ten of it.
      await playOut(tape, midnightMs + 49)
      expect(tape.progress).toBe(9 / 39)
      const { data } = JSON.parse(tape.recentTradesText('BTC')) as { data: PlayedTrade[] }
      expect(data.map(({ time }) => time - midnightMs)).toEqual(Array.from({ length: 30 }, (_, at) => 20 + at))
      expect(data.map(({ tid }) => tid - 1e12)).toEqual(Array.from({ length: 30 }, (_, at) => 20 + at))
      expect(data[20]!.px).toBe('100.0')
      expect(tape.latestContextText('BTC')).toContain('"funding":"0.5"')
    })
  })

  test('playback loops: the first may begin later than the others, and nothing begins behind the end', async () => {
    const files = [
      folder.write(
        'trades_BTC_1.jsonl',
        [0, 10, 20, 30].map((ms) => tradeLine(ms)),
      ),
    ]
    const options = { files, fromUnixMs: midnightMs + 20, loopFromUnixMs: midnightMs + 5, loops: 3 }
    const { trades } = await withTape(options, playOut)
    // The second loop's begin, 5, is at 31.
    expect(trades.map(({ time }) => time - midnightMs)).toEqual([20, 30, 36, 46, 56, 62, 72, 82])
    await expect(PlaybackTape.open({ files, loopFromUnixMs: midnightMs + 31 })).rejects.toMatchObject({
      code: 'ERR_INPUT',
      field: 'loopFromUnixMs',
    })
  })

  test('playback loops: a single record is a loop of one millisecond', async () => {
    const files = [folder.write('trades_BTC_1.jsonl', [tradeLine(7)])]
    const { trades } = await withTape({ files, loops: 3 }, playOut)
    expect(trades.map(({ time }) => time - midnightMs)).toEqual([7, 8, 9])
  })

  test('playback loops: without end, it ends before a time that no run holds', async () => {
    const days = (count: number): string => tradeLine(count * msPerDay)
    const files = [folder.write('trades_BTC_1.jsonl', [days(0), days(20)])]
    const { trades } = await withTape({ files, loops: Number.POSITIVE_INFINITY }, playOut)
    // 2^53 ns are 104.2 days.
    expect(trades.map(({ time }) => Math.floor((time - midnightMs) / msPerDay))).toEqual([
      0, 20, 20, 40, 40, 60, 60, 80, 80, 100,
    ])
  })

  test('playback loops: recordings that are gone at the next loop are an error after the last record that is there', async () => {
    const files = [folder.write('trades_BTC_1.jsonl', [tradeLine(0), tradeLine(1)])]
    await withTape({ files, loops: 2 }, async (tape) => {
      rmSync(files[0]!)
      let trades = 0
      const count = (): void => {
        trades += 1
      }
      expect(await tape.play(midnightMs + 1, count)).toBe('behind')
      expect(trades).toBe(1)
      await expect(tape.play(midnightMs + 1, count)).rejects.toMatchObject({ code: 'ERR_INPUT' })
    })
  })

  test('playback loops: to the live feed two loops are exactly twice the records', async () => {
    const files = busyFiles()
    const recorded = await drain(await openRecordings(files))
    const server = await play({ files, timeScale: 100, loops: 2 })
    const { feed, records, states } = listen(server.url, server.symbols, { endOnNormalClose: true })
    feed.start()
    await until(() => states().includes('ended'), 'the end')
    const perSymbol = (all: readonly MarketRecord[]): unknown[] =>
      server.symbols.map((_, symbolIndex) => {
        const own = all.filter((record) => record.symbolIndex === symbolIndex)
        return {
          trades: own.filter(({ aggressor }) => aggressor !== 0),
          contexts: own.filter(({ aggressor }) => aggressor === 0).map((record) => ({ ...record, atNs: 0 })),
        }
      })
    const again = recorded.map((record) => ({ ...record, atNs: record.atNs + 4_991e6 }))
    expect(perSymbol(records)).toEqual(perSymbol([...recorded, ...again]))
    expect(feed.counters).toMatchObject({ duplicates: 0, late: 0, restamped: 0, errors: 0, reconnects: 0 })
    expect(feed.counters).toMatchObject({ trades: 2 * 1_900, contexts: 2 * 2 })
    expect([...feed.counters.malformed]).toEqual([])
    await feed.stop()
  })

  test('playback loops: progress is that of the loop, and 1 at the end', async () => {
    let nowNs = 0
    let reads = 0
    const clock = (): number => {
      reads += 1
      return nowNs
    }
    const files = [folder.write('trades_BTC_1.jsonl', [tradeLine(0), tradeLine(600), tradeLine(999)])]
    const server = await play({ files, timeScale: 1, loops: 3, startWhen: 'immediately', clock })
    await until(() => reads > 3, 'the playback runs')
    for (const [ms, progress] of [
      [700, 600 / 999],
      [1_000, 0],
      [1_700, 600 / 999],
      [2_999, 999 / 999],
    ] as const) {
      nowNs = ms * 1e6
      await until(() => server.progress() === progress, `${ms} ms are played`)
    }
    await server.finished
    expect(server.progress()).toBe(1)
  })

  test('playback loops: stop ends one without end, and nothing but a whole number of loops is taken', async () => {
    const files = busyFiles()
    const server = await play({ files, loops: Number.POSITIVE_INFINITY, timeScale: 1e6, startWhen: 'immediately' })
    await until(() => server.progress() > 0, 'it is being played')
    await server.stop()
    await server.finished
    for (const loops of [0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY]) {
      await expect(play({ files, loops })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', field: 'loops' })
    }
  })
})
