/**
 * What tracking costs the hot path: a record through all stages of an inline engine, its journal on a thread of its own, with the candidates of
 * the decisions followed and without. In pairs within one process, tracked first in every second; the ratio is the middle one of theirs.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonicNs } from '../../dist/base/clock.js'
import { Engine } from '../../dist/engine.js'
import { JournalThread } from '../../dist/pipeline/journal-thread.js'
import detectors from '../pipeline/drill.mjs'
import { config, instruments, Market, timeline } from '../pipeline/market.mjs'
import { figuresOf } from '../pipeline/pace.mjs'

const pairs = 5
/** Half of the events compete for the one position and are rejected. */
const policy = { ...config.policy, selection: 'score', maxOpenPositions: 1, maxPositionsPerSymbol: 1 }
const eventNsPerRecord = 10e6
const recordsPerTurn = 256

export async function measure(_, isQuick) {
  const records = isQuick ? 40_000 : 400_000
  const [tracked, plain] = [[], []]
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? [false, true] : [true, false]
    for (const isTracked of order) (isTracked ? tracked : plain).push(await run(isTracked, records))
  }
  const ratios = tracked.map(({ p99 }, pair) => p99 / plain[pair].p99)
  const row = (name, all) => {
    const of = (key) => middle(all.map((figures) => figures[key]))
    const [p50, p99, p999, max] = ['p50', 'p99', 'p999', 'max'].map(of)
    return { name, unit: 'ns', samples: records * pairs, p50, p99, p999, max, throughput_per_s: null }
  }
  const floor = { name: 'without tracking', value: row('', plain).p99 }
  const bar = { of: 'ratio', atMost: 1.1, text: 'p99 ≤ 1.1 × without' }
  return [
    { ...row('record through all stages, tracked', tracked), floor, ratio: middle(ratios), bars: [bar] },
    { ...row('record through all stages, not tracked', plain), floor: null, ratio: null, bars: [] },
  ]
}

const middle = (values) => [...values].sort((one, other) => one - other)[values.length >> 1]

async function run(isTracked, records) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  const journal = await JournalThread.open(folder, { onStopped: 'fail', report: () => undefined })
  const engine = new Engine({
    config: { ...config, policy, counterfactuals: { ...config.counterfactuals, isTracked } },
    ...{ instruments, timeline, detectors, monotonicNs, journal, backend: 'native', mode: 'replay' },
    report: (line) => process.stderr.write(`${line}\n`),
  })
  const market = new Market()
  market.warmUp((record) => engine.warmUp(record))
  let before
  for (let sent = 0; sent < 2 * records; sent++) {
    if (sent === records) before = engine.recordLatency.copy()
    engine.process(market.trade(eventNsPerRecord), monotonicNs())
    if (sent % recordsPerTurn === 0) await nextTurn()
  }
  const figures = figuresOf(engine.recordLatency.since(before))
  engine.stop()
  await journal.close()
  engine.close()
  rmSync(folder, { recursive: true })
  return figures
}
