/**
 * Reads counterfactual entries from a folder on one thread, and reports on them in one pass. What is read was just written, so it comes
 * from the page cache: the disk is not measured. `read` reads 40,000 entries five times after one to warm up; `million` reads a million
 * once and reports, as the command does, in a process that did nothing before but write them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCounterfactuals } from '../../dist/learn/entry-reader.js'
import { readReport } from '../../dist/learn/journal-report.js'
import { percentilesOf } from '../statistics.mjs'
import { writeEntries } from './entries.mjs'

const bytesPerMb = 1e6
const counts = { read: { full: 40_000, quick: 4_000 }, million: { full: 1_000_000, quick: 10_000 } }
const readings = 5
const mbAtLeast = 120
/** What a million entries may take: columns of 100 bytes and an id a candidate, and Node. */
const rssMbMax = 1_000

export function measure(argument, isQuick) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  try {
    const count = counts[argument][isQuick ? 'quick' : 'full']
    const bytes = writeEntries(folder, count)
    return argument === 'read' ? readRows(folder, bytes) : reportRows(folder, bytes, count)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const nothing = { p50: null, p99: null, p999: null, max: null, throughput_per_s: null, floor: null, ratio: null }

function readRows(folder, bytes) {
  const megabytes = bytes / bytesPerMb
  readCounterfactuals(folder)
  const seconds = new Float64Array(readings)
  const cpuSeconds = new Float64Array(readings)
  for (let reading = 0; reading < readings; reading++) {
    const beganCpu = process.cpuUsage()
    const beganMs = performance.now()
    requireWhole(readCounterfactuals(folder))
    seconds[reading] = (performance.now() - beganMs) / 1_000
    const { user, system } = process.cpuUsage(beganCpu)
    cpuSeconds[reading] = (user + system) / 1e6
  }
  const bar = { of: 'throughput_per_s', atLeast: mbAtLeast, text: `≥ ${mbAtLeast} MB / s on one thread` }
  const row = { ...nothing, unit: 'MB', samples: readings }
  return [
    { ...row, name: 'reading entries, MB', throughput_per_s: megabytes / percentilesOf(seconds).p50, bars: [bar] },
    {
      ...row,
      name: 'reading entries, MB, by CPU time',
      throughput_per_s: megabytes / percentilesOf(cpuSeconds).p50,
      bars: [],
    },
  ]
}

function reportRows(folder, bytes, count) {
  const beganMs = performance.now()
  const { figures } = requireWhole(readReport(folder))
  const seconds = (performance.now() - beganMs) / 1_000
  if (figures.arbitrations !== count) throw new Error(`${figures.arbitrations} of ${count} entries were read`)
  const name = `report over ${count.toLocaleString('en-US')} entries`
  const row = { ...nothing, samples: 1, bars: [] }
  const rssMb = (process.resourceUsage().maxRSS * 1_024) / bytesPerMb
  const bar = { of: 'max', atMost: rssMbMax, text: `max ≤ ${rssMbMax.toLocaleString('en-US')} MB` }
  return [
    { ...row, name, unit: 's', p50: seconds, max: seconds, throughput_per_s: count / seconds },
    { ...row, name: `${name}, MB`, unit: 'MB', throughput_per_s: bytes / bytesPerMb / seconds },
    { ...row, name: `${name}, peak RSS`, unit: 'MB', p50: rssMb, max: rssMb, bars: [bar] },
  ]
}

function requireWhole(read) {
  if (read.skipped > 0) throw new Error(`${read.skipped} lines were no entries`)
  return read
}
