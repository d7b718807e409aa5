import { mkdirSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRecordings } from '../../../../src/stages/feed/recorded-feed.ts'
import { formatRowsMax } from '../../../../src/stages/feed/row-intake.ts'
import { contextLine, drain, RecordingFolder, tradeLine } from './recordings.ts'

let folder: RecordingFolder
beforeEach(() => {
  folder = new RecordingFolder()
})
afterEach(() => folder.remove())

describe('files', () => {
  test('files: an absent file and a folder are refused by name', async () => {
    const absent = join(folder.path, 'trades_BTC_1.jsonl')
    await expect(openRecordings([absent])).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: `${absent}: no such file`,
    })
    const inner = join(folder.path, 'trades_BTC_2.jsonl')
    mkdirSync(inner)
    await expect(openRecordings([inner])).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: `${inner}: is a folder; name the recordings in it`,
    })
  })

  test('files: a recording so much later than another that one run cannot hold both is refused by name', async () => {
    const first = folder.write('trades_BTC_1.jsonl', [tradeLine(0)])
    const later = folder.write('trades_BTC_2.jsonl', [tradeLine(105 * 86_400_000)])
    await expect(openRecordings([first, later])).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringMatching(
        /trades_BTC_2\.jsonl: begins more than 104 days after the first record of the run/,
      ),
    })
  })

  test('files: one file given twice is refused under any path, and so is its unpacked twin', async () => {
    const file = folder.write('trades_BTC_1.jsonl.gz', [tradeLine(1)])
    const link = join(folder.path, 'trades_BTC_9.jsonl.gz')
    symlinkSync(file, link)
    const twin = folder.write('trades_BTC_1.jsonl', [tradeLine(1)])
    const detour = `${folder.path}/../${basename(folder.path)}/trades_BTC_1.jsonl.gz`
    await expect(openRecordings([file, file])).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: `${file}: is given twice`,
    })
    for (const same of [link, twin, detour]) {
      await expect(openRecordings([file, same])).rejects.toMatchObject({
        code: 'ERR_INPUT',
        message: `${same}: is the same recording as ${file}`,
      })
    }
  })

  test('files: no rows at all are an empty recording', async () => {
    const feed = await openRecordings([
      folder.write('trades_BTC_1.jsonl', ''),
      folder.write('ctx_BTC_1.jsonl.gz', ['', '']),
    ])
    expect(await drain(feed)).toEqual([])
    expect(feed.firstNs).toBeNull()
    expect(feed.lastNs).toBeNull()
    expect(feed.instruments).toHaveLength(1)
  })

  test('files: a file of another format is refused before anything is read', async () => {
    const csv = folder.write('trades_BTC_1.jsonl', ['ts,px,sz,side', '1781654400032,65640.0,0.5,B'])
    await expect(openRecordings([csv])).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringMatching(
        /is not a recording: its first 2 rows are malformed \(json 2\); expected \{"ts":\d+,"px":/,
      ),
    })
    const swapped = folder.write(
      'trades_BTC_2.jsonl.gz',
      Array.from({ length: formatRowsMax }, (_, row) => contextLine(row)),
    )
    await expect(openRecordings([swapped])).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringContaining(
        `${swapped}: is not a recording: its first 100 rows are malformed (missing_px 100)`,
      ),
    })
  })

  test('files: a good row among the first hundred makes it a recording', async () => {
    const bad = Array.from({ length: formatRowsMax - 1 }, () => 'no row')
    const feed = await openRecordings([folder.write('trades_BTC_1.jsonl', [...bad, tradeLine(1), ...bad])])
    expect(await drain(feed)).toHaveLength(1)
    expect([...feed.malformed]).toEqual([['json', 2 * bad.length]])
  })

  test('files: packed data that are truncated, corrupt or not packed are refused by nextBatch in one line that names the file', async () => {
    const lines = Array.from({ length: 200_000 }, (_, row) => tradeLine(row, 1 + ((row * 7_919) % 1_000), '0.00001'))
    const packed = gzipSync(lines.join('\n'))
    const corrupt = Buffer.from(packed)
    corrupt.fill(0xff, packed.length >> 1, (packed.length >> 1) + 64)
    const whole = folder.write('trades_ETH_1.jsonl.gz', [tradeLine(0)])
    for (const [bytes, message] of [
      [packed.subarray(0, packed.length - 5_000), /: is truncated: the gzip data end before their end mark$/],
      [packed.subarray(0, 12), /: is truncated: /],
      [Buffer.alloc(0), /: is truncated: /],
      [corrupt, /: is not gzip, or corrupt \(/],
      [Buffer.from(lines.join('\n')), /: is not gzip, or corrupt \(incorrect header check\)$/],
    ] as const) {
      const file = folder.write('trades_BTC_1.jsonl.gz', bytes)
      const feed = await openRecordings([file, whole])
      const refusal = await drain(feed).then(
        () => null,
        (error: unknown) => error,
      )
      expect(refusal).toMatchObject({ code: 'ERR_INPUT', field: file, message: expect.stringMatching(message) })
      expect((refusal as Error).message.startsWith(file)).toBe(true)
      expect((refusal as Error).message).not.toContain('\n')
      await feed.close()
    }
  })
})
