/**
 * The journal's own thread: decisions at 8 candidates sent in binary, as the engine sends them, into a folder on disk. Two lines
 * each, counted both: one of `decisions-…`, one of `inputs-…`.
 *
 * `saturated` sends as fast as the ring takes them, until the last line is on its way to the disk. `paced` offers 10,000 decisions a
 * second and looks at how full the ring gets: the lag, in frames that wait.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { FrameProducer } from '../../dist/channel/frame-ring.js'
import { Arbiter } from '../../dist/decide/arbiter.js'
import { writeDecisionRecord } from '../../dist/decide/decision-writer.js'
import { defaultPolicy } from '../../dist/domain/policy.js'
import { policyTextAroundWeights } from '../../dist/domain/policy-json.js'
import { Timeline } from '../../dist/domain/units.js'
import { journalFrames, sendText } from '../../dist/journal/journal-frame.js'
import { journalSeries } from '../../dist/journal/series.js'
import { JournalThread } from '../../dist/pipeline/journal-thread.js'
import { throughputAtLeast } from '../bars.mjs'
import { percentilesOf } from '../statistics.mjs'
import { drawSets, recordSizeOf, stampOf, symbols, types } from './decisions.mjs'

const candidateCount = 8
const epochMs = Date.UTC(2026, 5, 17)
const linesPerDecision = 2
/** How often the ring is looked at, in decisions. */
const lookEvery = 32
const offeredPerSecond = 10_000
/** From here on the engine admits no new entries (pipeline/journal-thread.ts). */
const fullShare = 0.75

export async function measure(argument, isQuick) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  try {
    const count = isQuick ? 5_000 : argument === 'saturated' ? 40_000 : 20_000
    return argument === 'saturated' ? await saturated(folder, count) : await paced(folder, count)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function saturated(folder, count) {
  const sender = await Sender.open(folder)
  sender.sendMany(Math.ceil(count / 4))
  await sender.drained()
  const beganMs = performance.now()
  const beganCpu = process.cpuUsage()
  const used = sender.sendMany(count)
  await sender.close()
  const lines = count * linesPerDecision
  const perSecond = (lines * 1_000) / (performance.now() - beganMs)
  const { user, system } = process.cpuUsage(beganCpu)
  const nothing = { p50: null, p99: null, p999: null, max: null, floor: null, ratio: null }
  const rate = { unit: 'ns', samples: lines, ...nothing, throughput_per_s: perSecond }
  return [
    { name: 'journal lines (decisions and inputs)', ...rate, bars: [throughputAtLeast(50_000)] },
    // The sender's time is in it too: it decides, and waits without burning any while the ring is full.
    { name: 'journal lines, by CPU time', ...rate, throughput_per_s: (lines * 1e6) / (user + system), bars: [] },
    ringRow('ring in use, sender faster than the disk', used, [
      { of: 'max', atMost: 100, text: 'max ≤ 100 % (bounded)' },
    ]),
  ]
}

async function paced(folder, count) {
  const sender = await Sender.open(folder)
  sender.sendMany(Math.ceil(count / 4))
  await sender.drained()
  const used = sender.sendMany(count, 1_000 / offeredPerSecond)
  await sender.close()
  const share = fullShare * 100
  const bar = { of: 'max', below: share, text: `max < ${share} %, where entries halt` }
  return [ringRow(`ring in use, ${offeredPerSecond.toLocaleString('en-US')} decisions a second`, used, [bar])]
}

function ringRow(name, used, bars) {
  const percentiles = percentilesOf(used)
  return {
    name,
    unit: '%',
    samples: used.length,
    ...percentiles,
    throughput_per_s: null,
    floor: null,
    ratio: null,
    bars,
  }
}

/** Decides and sends, on this thread, as the end of the pipeline does. */
class Sender {
  #thread
  #port
  #arbiter = new Arbiter(defaultPolicy, types, candidateCount)
  #sets = drawSets(candidateCount)
  #stamp = stampOf()

  static async open(folder) {
    const sender = new Sender()
    const frameMax = recordSizeOf(candidateCount)
    const report = (line) => void process.stderr.write(`${line}\n`)
    const options = {
      series: journalSeries,
      durability: 'written',
      requireEmpty: true,
      onStopped: 'fail',
      frameMax,
      report,
    }
    sender.#thread = await JournalThread.open(folder, options)
    const names = {
      types,
      symbols,
      timeline: new Timeline(epochMs),
      policyText: policyTextAroundWeights(defaultPolicy),
    }
    sender.#port = sender.#thread.connect(names)
    for (const { candidates } of sender.#sets) {
      for (let at = 0; at < candidates.count; at++) {
        sendText(sender.#port, journalFrames.eventName, candidates.handle[at], candidates.ids[at])
      }
    }
    return sender
  }

  /** @returns How full the ring was, in percent, at each look. @param everyMs Between two decisions; 0: no pause. */
  sendMany(count, everyMs = 0) {
    const used = new Float64Array(Math.ceil(count / lookEvery))
    let due = performance.now()
    for (let decision = 0; decision < count; decision++) {
      while (everyMs > 0 && performance.now() < due);
      due += everyMs
      this.#send(this.#sets[decision % this.#sets.length])
      if (decision % lookEvery === 0) used[decision / lookEvery] = this.#usedPercent()
    }
    return used
  }

  async drained() {
    while (this.#usedPercent() > 0) await setTimeout(1)
  }

  async close() {
    await this.#thread.close()
  }

  #send({ candidates, positions, account }) {
    const view = this.#arbiter.decide(candidates, positions, account)
    this.#stamp.sequence += 1
    const port = this.#port
    const start = port.claim(recordSizeOf(candidateCount))
    const length = writeDecisionRecord(port.payload, start, view, candidates, positions, account, this.#stamp)
    port.commit(journalFrames.decision, length)
  }

  /** A second producer that sends nothing sees the ring as it is when it is made. */
  #usedPercent() {
    const view = new FrameProducer(this.#port.payload.buffer)
    return (view.wasUsed * 100) / view.size
  }
}
