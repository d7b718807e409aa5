import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRecordings } from '../../../../src/stages/feed/recorded-feed.ts'
import { describeWithShared } from '../../../support/shared.ts'
import { drain, midnightMs, RecordingFolder, tradeLine } from './recordings.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const samples = join(root, 'samples')
const recordings = readdirSync(samples).filter((name) => name.endsWith('.jsonl.gz'))

let folder: RecordingFolder
beforeEach(() => {
  folder = new RecordingFolder()
})
afterEach(() => folder.remove())

function cut(args: readonly string[]): string {
  const done = spawnSync(process.execPath, [join(root, 'scripts/cut-sample.mjs'), ...args], { encoding: 'utf8' })
  expect(done.stderr).toBe('')
  return done.stdout
}

describe('sample', () => {
  test('sample: it is small, whole, and what its README says', async () => {
    expect(recordings).toHaveLength(10)
    const bytes = recordings.reduce((sum, name) => sum + statSync(join(samples, name)).size, 0)
    expect(bytes).toBeLessThan(3 * 1024 * 1024)
    const feed = await openRecordings(recordings.map((name) => join(samples, name)))
    const records = await drain(feed)
    expect([...feed.malformed]).toEqual([])
    const { instruments } = feed
    const trades = instruments.map(({ symbol }, index) => {
      const count = records.filter((record) => record.symbolIndex === index && record.aggressor !== 0).length
      return `${symbol} ${count.toLocaleString('en-US')}`
    })
    const readme = readFileSync(join(samples, 'README.md'), 'utf8')
    for (const count of trades) expect(readme).toContain(count)
    expect(records.filter((record) => record.aggressor === 0)).toHaveLength(5 * 268)
    expect(Number(feed.firstNs! / 1_000_000n)).toBeGreaterThanOrEqual(Date.UTC(2026, 5, 17, 14))
    expect(Number(feed.lastNs! / 1_000_000n)).toBeLessThan(Date.UTC(2026, 5, 17, 18, 30))
  })

  test('sample: cutting takes the rows of the window, unchanged, and gives the same bytes every time', () => {
    const lines = [
      tradeLine(0),
      tradeLine(1_000),
      '{"px": 1.50, "ts": 1781654401500, "sz":1,"side":"A"}',
      tradeLine(2_000),
    ]
    folder.write('trades_BTC_20260617.jsonl.gz', lines)
    folder.write('trades_BTC_20260618.jsonl.gz', lines)
    folder.write('l2_BTC_20260617.jsonl.gz', lines)
    const iso = (offsetMs: number): string => new Date(midnightMs + offsetMs).toISOString()
    const cutInto = (name: string): Buffer => {
      const out = join(folder.path, name)
      cut(['--source', folder.path, '--out', out, '--from', iso(1_000), '--until', iso(2_000)])
      expect(readdirSync(out)).toEqual(['trades_BTC_20260617.jsonl.gz'])
      return readFileSync(join(out, 'trades_BTC_20260617.jsonl.gz'))
    }
    const first = cutInto('first')
    expect(gunzipSync(first).toString()).toBe(`${lines[1]}\n${lines[2]}\n`)
    // No time stamp, no name of a system.
    expect([...first.subarray(4, 8), first[9]]).toEqual([0, 0, 0, 0, 255])
    expect(cutInto('second')).toEqual(first)
  })
})

describeWithShared('sample against its source', () => {
  test('sample: it is what its command cuts', () => {
    const out = join(folder.path, 'again')
    expect(cut(['--out', out])).toContain('10 files')
    expect(readdirSync(out).sort()).toEqual(recordings.sort())
    for (const name of recordings) {
      const again = gunzipSync(readFileSync(join(out, name)))
      expect(again.equals(gunzipSync(readFileSync(join(samples, name)))), name).toBe(true)
    }
  })
})
