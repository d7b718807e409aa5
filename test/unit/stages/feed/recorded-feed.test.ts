import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMarketRecord, recordKinds } from '../../../../src/domain/market.ts'
import { Timeline } from '../../../../src/domain/units.ts'
import { malformedMeanings } from '../../../../src/stages/feed/malformed.ts'
import { batchRecordsMax, blockRows, openRecordings } from '../../../../src/stages/feed/recorded-feed.ts'
import { lineBytesMax } from '../../../../src/stages/feed/recorded-lines.ts'
import { contextLine, copyOf, drain, midnightMs, RecordingFolder, tradeLine } from './recordings.ts'

let folder: RecordingFolder
beforeEach(() => {
  folder = new RecordingFolder()
})
afterEach(() => folder.remove())

describe('merge', () => {
  test('merge: at one instant contexts come before trades, then symbols in byte order, then files by name, then rows', async () => {
    const files = [
      folder.write('trades_ETH_1.jsonl', [tradeLine(5, 1), tradeLine(5, 2)]),
      folder.write('trades_BTC_2.jsonl.gz', [tradeLine(5, 3)]),
      folder.write('trades_BTC_1.jsonl.gz', [tradeLine(5, 4), tradeLine(6, 5)]),
      folder.write('ctx_ETH_1.jsonl', [contextLine(5, 0.25)]),
      folder.write('ctx_BTC_1.jsonl', [contextLine(5, 0.5)]),
    ]
    const feed = await openRecordings(files)
    expect(feed.instruments.map((instrument) => instrument.symbol)).toEqual(['BTC', 'ETH'])
    const records = await drain(feed)
    const told = records.map((r) => (r.kind === recordKinds.context ? r.fundingRate : r.priceTicks))
    expect(told).toEqual([0.5, 0.25, 40, 30, 100, 200, 50])
    expect(records.map((r) => r.atNs)).toEqual([5, 5, 5, 5, 5, 5, 6].map((ms) => ms * 1e6))
  })

  test('merge: any files give the same records as sorting all their rows, in whatever order they are named', async () => {
    const fileOf = fc.record({
      kind: fc.constantFrom('trades', 'ctx'),
      symbol: fc.constantFrom('BTC', 'ETH', 'SOL'),
      name: fc.constantFrom('a', 'b'),
      offsets: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 }).map((all) => all.sort((a, b) => a - b)),
    })
    const files = fc.uniqueArray(fileOf, {
      selector: (f) => `${f.kind} ${f.symbol} ${f.name}`,
      minLength: 1,
      maxLength: 10,
    })
    await fc.assert(
      fc.asyncProperty(files, fc.infiniteStream(fc.nat()), async (described, shuffle) => {
        const own = new RecordingFolder()
        try {
          let id = 0
          const rows: { key: [number, number, string, string, number]; id: number }[] = []
          const paths = described.map(({ kind, symbol, name, offsets }) => {
            const lines = offsets.map((offset, row) => {
              id += 1
              rows.push({ key: [offset, kind === 'ctx' ? 1 : 2, symbol, name, row], id })
              return kind === 'ctx' ? contextLine(offset, 0, 1, id) : tradeLine(offset, id, 1)
            })
            return own.write(`${kind}_${symbol}_${name}.jsonl`, lines)
          })
          const oracle = rows.sort((a, b) => compareKeys(a.key, b.key)).map((row) => row.id)
          const shuffled = paths
            .map((path) => ({ path, order: shuffle.next().value }))
            .sort((a, b) => a.order - b.order)
          const feed = await openRecordings(shuffled.map(({ path }) => path))
          const records = await drain(feed)
          const ids = records.map((record) => {
            const decimals = feed.instruments[record.symbolIndex]!.priceDecimals
            return (record.kind === recordKinds.context ? record.markTicks : record.priceTicks) / 10 ** decimals
          })
          expect(ids).toEqual(oracle)
        } finally {
          own.remove()
        }
      }),
      { seed: 20_260_617, numRuns: 60 },
    )
  })

  test('merge: files longer than a block, a batch and a chunk lose no row, and two days of a symbol follow each other', async () => {
    const perDay = 24 * blockRows + 17
    const lines = (day: number): string[] =>
      Array.from({ length: perDay }, (_, row) => tradeLine(day * 86_400_000 + row * 7, 1 + row / 10, '0.00001'))
    expect(lines(0).join('\n').length).toBeGreaterThan(512 * 1024)
    const second = folder.write('trades_BTC_20260618.jsonl.gz', lines(1))
    const first = folder.write('trades_BTC_20260617.jsonl.gz', lines(0))
    const feed = await openRecordings([second, first])
    const records = await drain(feed)
    expect(records).toHaveLength(2 * perDay)
    for (const [index, record] of records.entries()) {
      const row = index % perDay
      expect(record.priceTicks).toBe(10 + row)
      expect(record.atNs).toBe((Math.floor(index / perDay) * 86_400_000 + row * 7) * 1e6)
    }
    expect(feed.bytesRead).toBe(feed.bytesTotal)
  })

  test('merge: a batch holds at most 1,024 records, which the next one overwrites', async () => {
    const file = folder.write(
      'trades_BTC_1.jsonl',
      Array.from({ length: batchRecordsMax + 1 }, (_, row) => tradeLine(row, row + 1)),
    )
    const feed = await openRecordings([file])
    const batch = await feed.nextBatch()
    expect(batch.count).toBe(batchRecordsMax)
    const kept = batch.records[0]!
    const before = copyOf(kept)
    const next = await feed.nextBatch()
    expect(next.count).toBe(1)
    expect(next.records[0]).toBe(kept)
    expect(kept).not.toEqual(before)
    expect((await feed.nextBatch()).count).toBe(0)
    expect((await feed.nextBatch()).count).toBe(0)
  })
})

describe('rows', () => {
  test('rows: a trade and a context become integers on their grids, and the fields of the other kind are empty', async () => {
    const feed = await openRecordings([
      folder.write('trades_BTC_1.jsonl', ['{"ts":1781654400032,"px":"65640.5","sz":3e-05,"side":"A","tid":7}']),
      folder.write('ctx_BTC_1.jsonl', [
        '{"oracle":65703.04,"ts":1781654400031,"funding":-2.1921e-06,"oi":31663.588400000001,"mark":65668.06}',
      ]),
    ])
    const [context, trade] = await drain(feed)
    expect(trade).toEqual({
      ...createMarketRecord(),
      kind: recordKinds.trade,
      symbolIndex: 0,
      atNs: 32_000_000,
      priceTicks: 656_405,
      quantityLots: 3,
      aggressor: -1,
      markTicks: Number.NaN,
      oracleTicks: Number.NaN,
      openInterestLots: Number.NaN,
      fundingRate: Number.NaN,
    })
    expect(context).toEqual({
      ...createMarketRecord(),
      kind: recordKinds.context,
      symbolIndex: 0,
      atNs: 31_000_000,
      priceTicks: 0,
      quantityLots: 0,
      aggressor: 0,
      markTicks: 656_681,
      oracleTicks: 657_030,
      openInterestLots: 3_166_358_840,
      fundingRate: -2.1921e-6,
    })
    expect(feed.firstNs).toBe(BigInt(midnightMs + 31) * 1_000_000n)
    expect(feed.lastNs).toBe(BigInt(midnightMs + 32) * 1_000_000n)
  })

  test('rows: empty lines, carriage returns and a missing last newline are no faults', async () => {
    const text = `\n${tradeLine(1)}\r\n   \n${tradeLine(2)}\n\n${tradeLine(3)}`
    const feed = await openRecordings([
      folder.write('trades_BTC_1.jsonl', text),
      folder.write('trades_ETH_1.jsonl.gz', text),
    ])
    expect(await drain(feed)).toHaveLength(6)
    expect([...feed.malformed]).toEqual([])
  })

  const ts = midnightMs + 11
  const malformedTrades: [keyof typeof malformedMeanings, string][] = [
    ['json', '{"ts":1781654400032,"px":65640.0,"sz":0.5,"side":"B"'],
    ['json', '[1781654400032,65640,0.5,"B"]'],
    ['json', 'null'],
    ['too_long', `{"ts":${ts},"px":1,"sz":1,"side":"B","note":"${'x'.repeat(lineBytesMax)}"}`],
    ['missing_ts', '{"px":1,"sz":1,"side":"B"}'],
    ['bad_ts', '{"ts":1781654400.032,"px":1,"sz":1,"side":"B"}'],
    ['bad_ts', '{"ts":1781654400032000,"px":1,"sz":1,"side":"B"}'],
    ['bad_ts', '{"ts":1781654400032.5,"px":1,"sz":1,"side":"B"}'],
    ['bad_ts', '{"ts":"yesterday","px":1,"sz":1,"side":"B"}'],
    ['missing_px', `{"ts":${ts},"sz":1,"side":"B"}`],
    ['missing_px', `{"ts":${ts},"px":null,"sz":1,"side":"B"}`],
    ['bad_px', `{"ts":${ts},"px":0,"sz":1,"side":"B"}`],
    ['bad_px', `{"ts":${ts},"px":-65640.0,"sz":1,"side":"B"}`],
    ['bad_px', `{"ts":${ts},"px":"0x10","sz":1,"side":"B"}`],
    ['bad_px', `{"ts":${ts},"px":true,"sz":1,"side":"B"}`],
    ['bad_px', `{"ts":${ts},"px":1e400,"sz":1,"side":"B"}`],
    ['bad_px', `{"ts":${ts},"px":9007199254740993,"sz":1,"side":"B"}`],
    ['off_grid_px', `{"ts":${ts},"px":65640.05,"sz":1,"side":"B"}`],
    ['off_grid_px', `{"ts":${ts},"px":1e-12,"sz":1,"side":"B"}`],
    ['missing_sz', `{"ts":${ts},"px":1,"side":"B"}`],
    ['bad_sz', `{"ts":${ts},"px":1,"sz":"","side":"B"}`],
    ['off_grid_sz', `{"ts":${ts},"px":1,"sz":0.000005,"side":"B"}`],
    ['missing_side', `{"ts":${ts},"px":1,"sz":1}`],
    ['bad_side', `{"ts":${ts},"px":1,"sz":1,"side":"buy"}`],
    ['late', `{"ts":${midnightMs + 9},"px":1,"sz":1,"side":"B"}`],
  ]
  const malformedContexts: [keyof typeof malformedMeanings, string][] = [
    ['missing_ts', '{"funding":0,"oi":1,"mark":1,"oracle":1}'],
    ['bad_ts', '{"ts":-1,"funding":0,"oi":1,"mark":1,"oracle":1}'],
    ['missing_funding', `{"ts":${ts},"oi":1,"mark":1,"oracle":1}`],
    ['bad_funding', `{"ts":${ts},"funding":"nan","oi":1,"mark":1,"oracle":1}`],
    ['bad_funding', `{"ts":${ts},"funding":1.01,"oi":1,"mark":1,"oracle":1}`],
    ['missing_oi', `{"ts":${ts},"funding":0,"mark":1,"oracle":1}`],
    ['bad_oi', `{"ts":${ts},"funding":0,"oi":-1,"mark":1,"oracle":1}`],
    ['missing_mark', `{"ts":${ts},"funding":0,"oi":1,"oracle":1}`],
    ['bad_mark', `{"ts":${ts},"funding":0,"oi":1,"mark":0.04,"oracle":1}`],
    ['missing_oracle', `{"ts":${ts},"funding":0,"oi":1,"mark":1,"oracle":null}`],
    ['bad_oracle', `{"ts":${ts},"funding":0,"oi":1,"mark":1,"oracle":[1]}`],
    ['late', `{"ts":${midnightMs + 9},"funding":0,"oi":1,"mark":1,"oracle":1}`],
  ]

  test.each([
    ['trades', malformedTrades, tradeLine],
    ['ctx', malformedContexts, contextLine],
  ] as const)('rows: every malformed row of %s is counted by its kind and skipped', async (kind, rows, goodLine) => {
    for (const [expected, line] of rows) {
      const file = folder.write(`${kind}_BTC_1.jsonl`, [goodLine(10), line, goodLine(12)])
      const feed = await openRecordings([file])
      const records = await drain(feed)
      expect([...feed.malformed], line.slice(0, 100)).toEqual([[expected, 1]])
      expect(records.map((record) => record.atNs)).toEqual([10e6, 12e6])
    }
  })

  test('rows: strict refuses each of them and names file and line', async () => {
    for (const [expected, line] of malformedTrades) {
      const file = folder.write('trades_BTC_1.jsonl', [tradeLine(10), '', line, tradeLine(12)])
      const feed = await openRecordings([file], { strict: true })
      const first = await feed.nextBatch()
      expect(first.count).toBe(1)
      const meaning = malformedMeanings[expected]
      const refusal = { code: 'ERR_INPUT', message: `${file}:3: ${expected}: ${meaning}` }
      await expect(feed.nextBatch()).rejects.toMatchObject(refusal)
      await expect(feed.nextBatch()).rejects.toMatchObject(refusal)
      await feed.close()
    }
  })

  test('rows: strict refuses a file that begins with a malformed row when it is opened', async () => {
    const file = folder.write('trades_BTC_1.jsonl.gz', ['no row', tradeLine(1)])
    const refusal = { code: 'ERR_INPUT', message: `${file}:1: json: ${malformedMeanings.json}` }
    await expect(openRecordings([file], { strict: true })).rejects.toMatchObject(refusal)
  })

  test('rows: a line beyond 64 KiB is skipped, also one that spans many chunks', async () => {
    const long = `{"ts":${ts},"px":1,"sz":1,"side":"B","note":"${'x'.repeat(1_000_000)}"}`
    const feed = await openRecordings([folder.write('trades_BTC_1.jsonl.gz', [tradeLine(0), long, tradeLine(2), long])])
    expect(await drain(feed)).toHaveLength(2)
    expect([...feed.malformed]).toEqual([['too_long', 2]])
  })

  test('rows: a time that the timeline cannot hold is malformed', async () => {
    const lastMs = Math.floor(Number.MAX_SAFE_INTEGER / 1e6)
    const lines = [tradeLine(0), tradeLine(lastMs), tradeLine(lastMs + 1), tradeLine(lastMs - 1)]
    const file = folder.write('trades_BTC_1.jsonl', lines)
    const feed = await openRecordings([file])
    expect((await drain(feed)).map((record) => record.atNs)).toEqual([0, lastMs * 1e6])
    expect([...feed.malformed]).toEqual([
      ['bad_ts', 1],
      ['late', 1],
    ])
    const after = await openRecordings([file], { timeline: new Timeline(midnightMs + 1) })
    expect((await drain(after)).map((record) => record.atNs)).toEqual([(lastMs - 1) * 1e6, lastMs * 1e6])
    expect([...after.malformed]).toEqual([
      ['bad_ts', 1],
      ['late', 1],
    ])
  })
})

describe('options', () => {
  test('timeline: it begins at the UTC midnight before the first row of all files, or as given', async () => {
    const late = folder.write('trades_BTC_1.jsonl', [tradeLine(86_400_000 + 5)])
    const early = folder.write('ctx_ETH_1.jsonl', [contextLine(7)])
    const feed = await openRecordings([late, early])
    expect(feed.timeline.epochMs).toBe(midnightMs)
    expect((await drain(feed)).map((record) => record.atNs)).toEqual([7e6, 86_400_005e6])
    const given = await openRecordings([late, early], { timeline: new Timeline(midnightMs - 1_000) })
    expect((await drain(given)).map((record) => record.atNs)).toEqual([1_007e6, 86_401_005e6])
    expect(given.firstNs).toBe(feed.firstNs)
  })

  test('symbols: a given list makes the index, and a file of another symbol is refused', async () => {
    const file = folder.write('trades_ETH_1.jsonl', [tradeLine(1)])
    const feed = await openRecordings([file], { symbols: ['SOL', 'ETH', 'BTC'] })
    expect((await drain(feed))[0]!.symbolIndex).toBe(1)
    await expect(openRecordings([file], { symbols: ['BTC'] })).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: `${file}: is of ETH, which is not one of the run's symbols (BTC)`,
    })
  })

  test('instruments: a given grid goes before the known one', async () => {
    const file = folder.write('trades_BTC_1.jsonl', [tradeLine(1, 65_640.25, 2)])
    const feed = await openRecordings([file], { instruments: { BTC: { priceDecimals: 2, sizeDecimals: 0 } } })
    expect((await drain(feed))[0]).toMatchObject({ priceTicks: 6_564_025, quantityLots: 2 })
  })

  test('range: rows outside are passed over, not counted as malformed', async () => {
    const file = folder.write(
      'trades_BTC_1.jsonl',
      [1, 2, 3, 4].map((offset) => tradeLine(offset)),
    )
    const feed = await openRecordings([file], { fromUnixMs: midnightMs + 2, untilUnixMs: midnightMs + 4 })
    expect((await drain(feed)).map((record) => record.atNs)).toEqual([2e6, 3e6])
    expect([...feed.malformed]).toEqual([])
    // Also those of another day than the run's first.
    const days = folder.write('trades_BTC_2.jsonl', [tradeLine(-1), tradeLine(0), tradeLine(200 * 86_400_000)])
    const day = await openRecordings([days], { fromUnixMs: midnightMs, untilUnixMs: midnightMs + 86_400_000 })
    expect((await drain(day)).map((record) => record.atNs)).toEqual([0])
    expect([...day.malformed]).toEqual([])
  })

  test('close: afterwards nothing is read, and it may be called again', async () => {
    const feed = await openRecordings([folder.write('trades_BTC_1.jsonl.gz', [tradeLine(1)])])
    await feed.close()
    await feed.close()
    await expect(feed.nextBatch()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })

  test('nextBatch: a second call while one runs is refused', async () => {
    const feed = await openRecordings([folder.write('trades_BTC_1.jsonl.gz', [tradeLine(1)])])
    const running = feed.nextBatch()
    await expect(feed.nextBatch()).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    expect((await running).count).toBe(1)
  })
})

function compareKeys(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [index, part] of a.entries()) {
    if (part !== b[index]) return part < b[index]! ? -1 : 1
  }
  return 0
}
