/**
 * A hundred strategies, each in a worker of its own, read the state and race for the same events, while fifty live events move and the arbiter
 * decides on them: the real engine, live, on its threads, in an open loop. What the race must never do ends the bench (stress-audit.mjs).
 *
 * A record counts from when it was due, whatever the machine did. Latencies are those of the region's histograms, less what they held when
 * the warm-up was over.
 */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { monotonicNs } from '../../dist/base/clock.js'
import { Timeline } from '../../dist/domain/units.js'
import { Engine } from '../../dist/engine.js'
import { throughputAtLeast } from '../bars.mjs'
import { StressAudit } from './stress-audit.mjs'
import { claimCapitalMinor, config, instruments, Market, strategies } from './stress-market.mjs'

/** Half of the records end an event and begin another. */
const intervalNs = 1e9 / 2_500
const warmUpMs = { full: 8_000, quick: 3_000 }
const measureMs = { full: 20_000, quick: 3_000 }
/** As a live run looks after its leases, strategies and threads. */
const tickMs = 20
const nothing = {
  p50: null,
  p99: null,
  p999: null,
  max: null,
  throughput_per_s: null,
  floor: null,
  ratio: null,
  bars: [],
}

export async function measure(topology, isQuick) {
  const run = await StressRun.start(topology)
  const kind = isQuick ? 'quick' : 'full'
  await run.go(warmUpMs[kind])
  const before = run.look()
  await run.go(measureMs[kind])
  const after = run.look()
  await run.stop()
  return rowsOf(before, after)
}

class StressRun {
  #audit = new StressAudit({
    positionsMax: config.policy.maxOpenPositions,
    perSymbolMax: config.policy.maxPositionsPerSymbol,
  })
  #market = new Market()
  #reports = []
  #engine
  #feeder
  #ticker
  #thrown = null
  #beganNs = 0
  /** Event time when the open loop began. */
  #beganAtNs = 0
  #sent = 0
  #stop = new SharedArrayBuffer(4)

  static async start(topology) {
    const run = new StressRun()
    const data = { capitalMinor: claimCapitalMinor }
    run.#engine = new Engine({
      ...{ config, instruments, monotonicNs },
      timeline: new Timeline(0),
      backend: 'native',
      journal: null,
      mode: 'live',
      topology,
      detectorModule: new URL('./stress-detectors.mjs', import.meta.url),
      strategyWorkers: Array.from({ length: strategies }, (_, number) => ({
        module: new URL('./stress-strategy.mjs', import.meta.url),
        data: { ...data, number },
        budgetMs: 10_000,
      })),
      report: (line) => run.#reports.push(line),
      observer: (message) => run.#audit.hear(message),
    })
    // Threads of the engine do not keep the process alive; whoever waits for them does.
    const waiting = setInterval(() => undefined, tickMs)
    await run.#engine.start()
    await run.#engine.startStrategies()
    run.#beganAtNs = run.#market.warm((record) => run.#engine.warmUp(record))
    clearInterval(waiting)
    run.#begin()
    return run
  }

  #begin() {
    this.#beganNs = monotonicNs()
    const workerData = { beganNs: this.#beganNs, intervalNs, stop: this.#stop }
    this.#feeder = new Worker(new URL('./stress-feeder.mjs', import.meta.url), { workerData })
    this.#feeder.on('message', (due) => this.#guarded(() => this.#feed(due)))
    this.#ticker = setInterval(() => this.#guarded(() => this.#tick()), tickMs)
  }

  /** Lets it run for so long. */
  async go(ms) {
    await sleep(ms)
    if (this.#thrown !== null) throw this.#thrown
  }

  look() {
    const engine = this.#engine
    const { arbitration, reservation } = engine.figures()
    const histogram = (name) => engine.region.histogram(name).copy()
    return {
      atNs: monotonicNs(),
      arbitration,
      reservation,
      workers: total(engine.strategyFigures()),
      records: this.#sent,
      trades: this.#audit.trades,
      latencies: {
        decision: histogram('decision'),
        arbitration: histogram('arbitration'),
        reservation: histogram('reservation'),
      },
    }
  }

  async stop() {
    Atomics.store(new Int32Array(this.#stop), 0, 1)
    Atomics.notify(new Int32Array(this.#stop), 0)
    await once(this.#feeder, 'exit')
    clearInterval(this.#ticker)
    const engine = this.#engine
    const waiting = setInterval(() => undefined, tickMs)
    await engine.stopStrategies()
    clearInterval(waiting)
    engine.guarded(() => engine.takeClaims(this.#nowNs()))
    engine.guarded(() => engine.stop())
    const states = engine.strategyFigures().filter(({ state }) => state !== 'done')
    this.#audit.end(engine.region.reservations.account(), engine.order.counters.submitted)
    engine.close()
    if (this.#thrown !== null) throw this.#thrown
    if (engine.haltReason !== null) throw new Error(`entries are halted: ${engine.haltReason}`)
    if (states.length > 0) throw new Error(`strategy ${states[0].name} is ${states[0].state}: ${states[0].why}`)
  }

  #feed(due) {
    const engine = this.#engine
    for (; this.#sent < due; this.#sent += 1) {
      const passedNs = this.#sent * intervalNs
      const atNs = Math.max(engine.nowNs, Math.floor(this.#beganAtNs + passedNs))
      engine.flow.board.tellTime(this.#beganAtNs, this.#beganNs)
      engine.process(this.#market.trade(atNs), this.#beganNs + passedNs)
    }
    engine.takeClaims(this.#nowNs())
  }

  #tick() {
    const engine = this.#engine
    const now = monotonicNs()
    const nowNs = this.#nowNs()
    engine.flow.board.tellFeedAlive(now)
    engine.advance(nowNs)
    engine.takeClaims(nowNs)
    engine.recoverLeases(now)
    engine.checkStrategies(now, nowNs)
    this.#audit.look(engine.region.reservations.account())
  }

  /** Event time now. */
  #nowNs() {
    return Math.max(this.#engine.nowNs, Math.floor(this.#beganAtNs + monotonicNs() - this.#beganNs))
  }

  #guarded(step) {
    try {
      this.#engine.guarded(step)
    } catch (thrown) {
      this.#thrown ??= thrown
    }
  }
}

/** All strategies together. */
function total(figures) {
  const sum = (of) => figures.reduce((all, one) => all + of(one), 0)
  const refusals = Object.keys(figures[0].refused)
  return {
    turns: sum(({ turns }) => turns),
    asked: sum(({ asked }) => asked),
    claims: sum(({ claims }) => claims),
    granted: sum(({ granted }) => granted),
    refused: Object.fromEntries(refusals.map((name) => [name, sum(({ refused }) => refused[name])])),
    trades: sum(({ trades }) => trades),
  }
}

function rowsOf(before, after) {
  const seconds = (after.atNs - before.atNs) / 1e9
  const grown = (of) => of(after) - of(before)
  const rate = (name, of, bars = []) => {
    return { ...nothing, name, unit: 'ns', samples: grown(of), throughput_per_s: grown(of) / seconds, bars }
  }
  const share = (name, of, ofAll) => {
    const percent = (grown(of) * 100) / Math.max(1, grown(ofAll))
    return { ...nothing, name, unit: '%', samples: grown(ofAll), p50: percent, max: percent }
  }
  const latency = (name, which) => {
    const histogram = after.latencies[which].since(before.latencies[which])
    const at = (fraction) => histogram.percentile(fraction)
    return {
      ...nothing,
      name,
      unit: 'ns',
      samples: histogram.count,
      p50: at(0.5),
      p99: at(0.99),
      p999: at(0.999),
      max: histogram.max,
    }
  }
  const decided = ({ arbitration: { decisions, repeats } }) => decisions + repeats
  const selections = ({ reservation }) => reservation.granted + reservation.lost + reservation.denied
  const claims = ({ workers }) => workers.claims
  const refused = ({ workers }) => workers.claims - workers.granted
  return [
    rate('stress: decisions', ({ arbitration }) => arbitration.decisions, [throughputAtLeast(1_000)]),
    rate('stress: decisions and repeats', decided),
    rate('stress: records', ({ records }) => records),
    latency('stress: candidates read to decided', 'decision'),
    latency('stress: record due to decided', 'arbitration'),
    latency('stress: record due to reservation answered', 'reservation'),
    rate('stress: state read by 100 strategies', ({ workers }) => workers.turns),
    rate('stress: reservations tried by strategies', claims),
    rate('stress: reservations tried by the arbiter', selections),
    share('stress: conflicts, strategies', refused, claims),
    ...Object.keys(after.workers.refused).map((name) => {
      return share(`stress:   ${name}`, ({ workers }) => workers.refused[name], claims)
    }),
    share('stress: conflicts, arbiter: another had it', ({ reservation }) => reservation.lost, selections),
    share('stress: conflicts, arbiter: a limit', ({ reservation }) => reservation.denied, selections),
    rate('stress: trades', ({ trades }) => trades),
    share(
      'stress:   of them strategies’',
      ({ workers }) => workers.trades,
      ({ trades }) => trades,
    ),
  ]
}
