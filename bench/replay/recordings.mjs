/**
 * Records a second through the whole engine in lockstep, without a journal, on one core: trades and contexts of five symbols on one
 * day, and top-20 books of three. The whole is replayed once to warm the code up, then its first half
 * and again the whole: a rate that falls with the length of the input would show between the two.
 *
 * Whole days lie in the folder `shared` beside the repository. Without it trades and contexts come from samples/, half an hour that
 * is too short to say much, and books cannot be measured.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '../../dist/config.js'
import { Engine } from '../../dist/engine.js'
import { openRecordings } from '../../dist/stages/feed/recorded-feed.js'
import { throughputAtLeast } from '../bars.mjs'
import { root } from '../root.mjs'

const sharedFolder = join(root, '../shared/data/hyperliquid')
const samplesFolder = join(root, 'samples')

const inputs = {
  trades: {
    name: 'trade and context records',
    pattern: /^(trades|ctx)_[A-Z]+_20260617\.jsonl\.gz$/,
    leastPerSecond: 400_000,
    folders: [sharedFolder, samplesFolder],
  },
  books: {
    name: 'top-20 book records',
    pattern: /^l2_[A-Z]+_20260621\.jsonl\.gz$/,
    leastPerSecond: 150_000,
    folders: [sharedFolder],
  },
}
/** How much longer a record of the whole may take than one of the half: what noise alone makes of it on a shared machine. */
const linearWithin = 1.15

export async function measure(argument) {
  const { name, pattern, leastPerSecond, folders } = inputs[argument]
  const files = filesOf(folders, pattern)
  if (files.length === 0) return []
  const all = await countOf(files)
  const half = Math.floor(all / 2)
  await replayed(files, all)
  const first = await replayed(files, half)
  const whole = await replayed(files, all)
  const perRecordHalf = first.wallNs / first.records
  const perRecord = whole.wallNs / whole.records
  const row = {
    unit: 'ns',
    samples: whole.records,
    p50: null,
    p99: null,
    p999: null,
    max: null,
    floor: null,
    ratio: null,
  }
  const floor = { name: 'a record of its first half', value: perRecordHalf }
  const linear = { of: 'ratio', atMost: linearWithin, text: `≤ ${linearWithin} ×: linear` }
  return [
    { ...row, name, throughput_per_s: 1e9 / perRecord, bars: [throughputAtLeast(leastPerSecond)] },
    { ...row, name: `${name}, by CPU time`, throughput_per_s: (whole.records * 1e9) / whole.cpuNs, bars: [] },
    {
      ...row,
      name: `${name}: whole to half`,
      p50: perRecord,
      throughput_per_s: null,
      floor,
      ratio: perRecord / perRecordHalf,
      bars: [linear],
    },
  ]
}

function filesOf(folders, pattern) {
  for (const folder of folders) {
    if (!existsSync(folder)) continue
    const names = readdirSync(folder).filter((name) => pattern.test(name))
    if (names.length > 0) return names.map((name) => join(folder, name))
  }
  return []
}

async function countOf(files) {
  const feed = await openRecordings(files, {})
  let count = 0
  for (let batch = await feed.nextBatch(); batch.count > 0; batch = await feed.nextBatch()) count += batch.count
  await feed.close()
  return count
}

/** The first `most` records through an engine of their own; opening files and ending the run are not counted. */
async function replayed(files, most) {
  const feed = await openRecordings(files, {})
  const engine = new Engine({
    config: parseConfig(null, null),
    instruments: feed.instruments,
    timeline: feed.timeline,
    backend: 'native',
    journal: null,
    monotonicNs: () => performance.now() * 1e6,
    mode: 'replay',
    report: () => {},
    observer: null,
  })
  const beganMs = performance.now()
  const beganCpu = process.cpuUsage()
  let records = 0
  for (let batch = await feed.nextBatch(); batch.count > 0 && records < most; batch = await feed.nextBatch()) {
    const count = Math.min(batch.count, most - records)
    for (let index = 0; index < count; index++) engine.process(batch.records[index])
    records += count
  }
  const wallNs = (performance.now() - beganMs) * 1e6
  const { user, system } = process.cpuUsage(beganCpu)
  engine.stop()
  engine.close()
  await feed.close()
  return { records, wallNs, cpuNs: (user + system) * 1_000 }
}
