import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { recordKinds } from '../../../../src/domain/market.ts'
import { openRecordings, type RecordBatch } from '../../../../src/stages/feed/recorded-feed.ts'
import { describeWithShared } from '../../../support/shared.ts'

/** What a whole reading gives: rows by kind and symbol, a digest of every field of every record in order, the greatest live memory. */
async function readAll(files: readonly string[], keep?: (batch: RecordBatch) => unknown) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const feed = await openRecordings(files)
  const rows = new Map<string, number>()
  const digest = createHash('sha256')
  const row = new Float64Array(10)
  const kept: unknown[] = []
  const live = (): number => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = live()
  let liveMax = 0
  let lastNs = 0
  let backwards = 0
  for (let batches = 0; ; batches += 1) {
    const batch = await feed.nextBatch()
    if (batch.count === 0) break
    for (const record of batch.records.slice(0, batch.count)) {
      if (record.atNs < lastNs) backwards += 1
      lastNs = record.atNs
      const symbol = feed.instruments[record.symbolIndex]!.symbol
      const key = `${record.kind === recordKinds.trade ? 'trades' : 'ctx'}_${symbol}`
      rows.set(key, (rows.get(key) ?? 0) + 1)
      row.set([record.kind, record.symbolIndex, record.atNs, record.priceTicks, record.quantityLots])
      const told = [record.aggressor, record.markTicks, record.oracleTicks, record.openInterestLots, record.fundingRate]
      // The bits of NaN are the machine's business.
      row.set(
        told.map((value) => (Number.isNaN(value) ? -99 : value)),
        5,
      )
      digest.update(row)
    }
    if (keep !== undefined) kept.push(keep(batch))
    if (batches % 100 === 0) liveMax = Math.max(liveMax, live() - before)
  }
  await feed.close()
  return { feed, rows, backwards, digest: digest.digest('hex'), liveBytesMax: liveMax, kept: kept.length }
}

describeWithShared('recorded feed on a recorded day', (shared) => {
  const folder = join(shared, 'data/hyperliquid')
  const files = readdirSync(folder)
    .filter((name) => /^(trades|ctx)_.*_20260617\.jsonl\.gz$/.test(name))
    .map((name) => join(folder, name))
  const boundBytes = 24 * 1024 * 1024
  let day: Awaited<ReturnType<typeof readAll>>

  beforeAll(async () => {
    day = await readAll(files)
  })

  test('recorded feed: every line of the day is a record, and none is malformed', () => {
    const lines = new Map<string, number>()
    for (const file of files) {
      const name = /(trades|ctx)_[A-Z]+/.exec(file)![0]
      const unpacked = gunzipSync(readFileSync(file))
      let count = 0
      for (let at = unpacked.indexOf(10); at >= 0; at = unpacked.indexOf(10, at + 1)) count += 1
      lines.set(name, count)
    }
    expect(files).toHaveLength(10)
    expect(new Map([...day.rows].sort())).toEqual(new Map([...lines].sort()))
    expect([...day.rows.values()].reduce((sum, count) => sum + count)).toBe(787_336)
    expect([...day.feed.malformed]).toEqual([])
    expect(day.feed.bytesRead).toBe(day.feed.bytesTotal)
  })

  test('recorded feed: the time of the day never goes back', () => {
    expect(day.backwards).toBe(0)
    // One trade of ETH was recorded just before midnight: the timeline begins a day earlier.
    expect(day.feed.timeline.epochMs).toBe(Date.UTC(2026, 5, 16))
    expect(day.feed.firstNs).toBe(1_781_654_399_027_000_000n)
    expect(day.feed.lastNs).toBe(1_781_740_798_199_000_000n)
  })

  test('recorded feed: the day has one digest, whatever the order of the arguments', async () => {
    const reversed = await readAll([...files].reverse())
    expect(reversed.digest).toBe(day.digest)
    // From an independent reading in exact decimals: all rows, sorted by (time, kind, symbol, row).
    expect(day.digest).toBe('f5c764eb7b1ca651d0bcf27eb68ba6146769a8b442bd9ee777111bd699f809a7')
  })

  test('recorded feed: reading the day holds no more than a few files’ chunks in memory', () => {
    expect(day.liveBytesMax).toBeLessThan(boundBytes)
  })

  test('recorded feed: canary: keeping what is read breaks that bound', async () => {
    const hoarding = await readAll(files, (batch) =>
      batch.records.slice(0, batch.count).map((record) => ({ ...record })),
    )
    expect(hoarding.kept).toBeGreaterThan(700)
    expect(hoarding.liveBytesMax).toBeGreaterThan(boundBytes)
  })
})
