/** `signalbox doctor`: which backend is loaded and why, and what the machine offers. */

import { createRequire } from 'node:module'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { Command } from 'commander'
import { messageOf } from '../base/errors.ts'
import { buildCommand, loadNative } from '../region/backend/native.ts'
import { selectBackend } from '../region/backend/select.ts'
import { layout } from '../region/layout.ts'
import { Region } from '../region/region.ts'

interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** The command, for `main.ts` to add. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('say which backend is loaded and why, and check what the machine offers')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  $ signalbox doctor')
    .action((options: { json?: boolean }) => {
      const report = examine()
      if (options.json === true) process.stdout.write(`${JSON.stringify(report)}\n`)
      else process.stdout.write(`${lines(report).join('\n')}\n`)
      if (report.checks.some((check) => !check.ok)) process.exitCode = 1
    })
}

function examine() {
  const native = loadNative()
  const { backend } = selectBackend('auto')
  const require = createRequire(import.meta.url)
  const { version } = require('../../package.json') as { version: string }
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined
  return {
    version,
    backend: backend.name,
    reason:
      backend.name === 'native'
        ? 'the addon loads and its layout matches'
        : `the addon does not load; to build it: ${buildCommand()}`,
    binary: backend.name === 'native' ? backend.origin : null,
    attempts: native.attempts,
    compiler: native.compiler,
    layout_version: layout.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    libc:
      report?.header?.glibcVersionRuntime === undefined ? 'not glibc' : `glibc ${report.header.glibcVersionRuntime}`,
    node: process.versions.node,
    node_api: process.versions.napi,
    checks: [
      check('shared memory', () => {
        const bytes = new Int32Array(new SharedArrayBuffer(8))
        Atomics.add(bytes, 0, 1)
        return `SharedArrayBuffer with Atomics, wait ${Atomics.wait(bytes, 1, 1)}`
      }),
      ...(native.backend === null ? [] : [check('region on native', () => roundTrip('native'))]),
      check('region on js', () => roundTrip('js')),
    ],
  }
}

/** One snapshot, one event and one reservation through a region. */
function roundTrip(backend: 'native' | 'js'): string {
  const snapshot = { name: 'probe', head: [], fields: ['value'], rows: ['row'] }
  const schema = { snapshots: [snapshot], events: { types: ['PROBE'], fields: ['value'], capacity: 64 } }
  const region = Region.create(schema, { backend })
  try {
    const writer = region.claimWriter(snapshot)
    writer.rows[0]![0] = 42
    writer.publish()
    const reader = region.reader(snapshot)
    reader.read()
    region.events.record[0] = 1
    const event = region.events.register('probe', 0, 0)
    region.reservations.setLimits({
      capitalMinor: 1,
      maxOpenPositions: 1,
      maxPositionsPerSymbol: 1,
      interlock: null,
      pots: null,
    })
    const reserved = region.reservations.reserve({
      handle: event.ok ? event.handle : 0,
      capitalMinor: 1,
      leaseUntilNs: 1,
    })
    if (reader.rows[0]![0] !== 42 || !reserved.ok) throw new Error('what was written is not what was read')
    return 'publish, read, register and reserve work'
  } finally {
    region.close()
  }
}

function check(name: string, probe: () => string): Finding {
  try {
    return { name, ok: true, detail: probe() }
  } catch (thrown) {
    return { name, ok: false, detail: messageOf(thrown) }
  }
}

function lines(report: ReturnType<typeof examine>): string[] {
  const rows: [string, string][] = [
    ['signalbox', report.version],
    ['backend', `${report.backend}: ${report.reason}`],
  ]
  for (const { path, failure } of report.attempts) rows.push(['tried', `${path}: ${failure ?? 'loaded'}`])
  rows.push(
    ['compiler', report.compiler ?? 'none: no addon is loaded'],
    [
      'machine',
      `${report.cpu.trim()}, ${report.cores} cores, ${report.memory_gib} GiB, ${report.platform}, ${report.libc}`,
    ],
    ['node', `${report.node}, Node-API ${report.node_api}`],
  )
  for (const { name, ok, detail } of report.checks) rows.push([name, `${ok ? 'ok' : 'FAILED'}: ${detail}`])
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, text]) => `${label.padEnd(width)}  ${text}`)
}
