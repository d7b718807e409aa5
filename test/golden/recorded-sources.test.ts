/** Every other recorded source through the whole engine: a summary, the same journal twice and in any order of the arguments, bounded memory. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { signalbox } from '../support/command.ts'
import { describeWithShared } from '../support/shared.ts'
import { temporaryFolder } from '../support/temporary.ts'

interface ReplaySummary {
  readonly records: number
  readonly malformed: Record<string, number>
  readonly left_out?: Record<string, number>
  readonly peak_rss_mb: number
}

function replay(args: readonly string[]): ReplaySummary {
  const run = signalbox(['replay', ...args, '--json'])
  expect(run.stderr).toBe('')
  expect(run.status).toBe(0)
  return JSON.parse(run.stdout) as ReplaySummary
}

/** Replays twice, the files the other way round; both journals are the same. */
function replayTwice(files: readonly string[]): ReplaySummary {
  const folders = [temporaryFolder(), temporaryFolder()] as const
  const summary = replay([...files, '--journal', folders[0]])
  replay([...files.toReversed(), '--journal', folders[1], '--backend', 'js'])
  const [one, other] = folders.map((folder) => {
    const hash = createHash('sha256')
    for (const name of readdirSync(folder).sort()) {
      if (name.endsWith('.ndjson')) hash.update(name).update(readFileSync(join(folder, name)))
    }
    return hash.digest('hex')
  })
  expect(one).toBe(other)
  return summary
}

describeWithShared('golden: other recorded sources', (shared) => {
  const filesOf = (folder: string, pattern: RegExp): string[] =>
    readdirSync(join(shared, 'data', folder))
      .filter((name) => pattern.test(name))
      .map((name) => join(shared, 'data', folder, name))

  it('golden: forced orders and aggregated trades of 221 symbols', () => {
    expect(replayTwice(filesOf('binance-liquidations-20250127', /\.csv\.gz$/))).toMatchObject({
      records: 1_837 + 16_440,
      malformed: {},
      left_out: { duplicate: 1_673 },
    })
  })

  it('golden: two raw sessions of Binance', () => {
    expect(replayTwice(filesOf('raw-sessions', /^binance-usdm/))).toMatchObject({ records: 167_100, malformed: {} })
  })

  it('golden: a raw session of Hyperliquid', () => {
    expect(replayTwice(filesOf('raw-sessions', /^hyperliquid/))).toMatchObject({ records: 110, malformed: {} })
  })

  it('golden: books, trades and contexts of a day together', () => {
    expect(replayTwice(filesOf('hyperliquid', /_20260621\.jsonl\.gz$/))).toMatchObject({
      records: 597_956,
      malformed: {},
    })
  })

  it('golden: four files of books need less than 250 MB', () => {
    const summary = replay(filesOf('hyperliquid', /^l2_/))
    expect(summary.records).toBe(172_755)
    expect(summary.peak_rss_mb).toBeLessThan(250)
  })

  it('golden: symbols and a range of time are all that is replayed', () => {
    const files = filesOf('binance-liquidations-20250127', /\.csv\.gz$/)
    const range = ['--symbols', 'BTC,ETH', '--from', '2025-01-27T17:00', '--to', '2025-01-27T17:19:36Z']
    const part = replay([...files, ...range])
    expect(part.records).toBeGreaterThan(1_000)
    expect(part.records).toBeLessThan(10_000)
    expect(part.malformed).toEqual({})
    // Files of one symbol are passed over where others are asked for, unless nothing is left.
    const day = filesOf('hyperliquid', /^(trades|ctx)_(SOL|BTC)_20260617/)
    const btc = filesOf('hyperliquid', /^(trades|ctx)_BTC_20260617/)
    expect(replay([...day, '--symbols', 'BTC']).records).toBe(replay(btc).records)
    const refused = signalbox(['replay', ...filesOf('hyperliquid', /_SOL_20260617/), '--symbols', 'BTC'])
    expect([refused.status, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toBe('signalbox: symbols: no file is of BTC; the files are of SOL\n')
  })
})
