/**
 * The same stages on the same plan of threads, with a `MessagePort` from each to each: what one would write with what Node brings. Every
 * thread is an event loop; a message is one `postMessage`, state updates too; nothing conflates and nothing is held back.
 */
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { MessageChannel, Worker } from 'node:worker_threads'
import { monotonicNs } from '../../dist/base/clock.js'
import { eventTypesOf } from '../../dist/domain/policy.js'
import { policyWeightSet } from '../../dist/domain/weight-set.js'
import { limitsOf, regionSchemaOf } from '../../dist/engine-limits.js'
import { StageHost } from '../../dist/pipeline/host.js'
import { latencyProbeOf } from '../../dist/pipeline/stage-latency.js'
import { stageIndex, topologies } from '../../dist/pipeline/topology.js'
import { Region } from '../../dist/region/region.js'
import { buildStages } from '../../dist/stage-set.js'
import { WeightsPublisher, weightsSchema } from '../../dist/stages/arbitration/weight-snapshot.js'
import { Strategies } from '../../dist/strategy/strategies.js'
import { config, instruments, Market, timeline } from './market.mjs'
import { figuresOf, paced } from './pace.mjs'
import { openPorts, stageContext } from './port-stages.mjs'

const eventNsPerRecord = 10e6

export class PortPipeline {
  #market = new Market()
  #workers
  #host
  #region
  #ports
  #flushed = 0

  static async open(topology, detectorModule) {
    const pipeline = new PortPipeline()
    await pipeline.#open(topologies[topology], topology, String(detectorModule))
    return pipeline
  }

  async #open(plan, topology, detectorModule) {
    const types = eventTypesOf(config.policy)
    const symbols = instruments.map(({ symbol }) => symbol)
    this.#region = Region.create(regionSchemaOf(config, symbols, 0), { backend: 'native', epochNs: timeline.epochNs })
    new WeightsPublisher(this.#region.claimWriter(weightsSchema), policyWeightSet(config.policy.weights))
    this.#region.reservations.setLimits(limitsOf(config.policy, types, config.capitalMinor))
    const pairs = plan.map((_, one) => plan.map((_, other) => (one < other ? new MessageChannel() : null)))
    const portOf = (one, other) => (one < other ? pairs[one][other].port1 : pairs[other][one].port2)
    this.#workers = plan.slice(1).map((_, index) => {
      const thread = index + 1
      const ports = plan.map((_, other) => (other === thread ? null : portOf(thread, other)))
      return new Worker(new URL('./port-worker.mjs', import.meta.url), {
        workerData: { topology, thread, ports, detectorModule, region: this.#region.descriptor },
        transferList: ports.filter((port) => port !== null),
      })
    })
    await Promise.all(this.#workers.map((worker) => once(worker, 'message')))
    this.#ports = plan.map((_, other) => (other === 0 ? null : portOf(0, other)))
    const context = stageContext(this.#region, new Strategies(), [])
    const { host, close } = openPorts({
      ...{ plan, thread: 0, ports: this.#ports, latency: latencyProbeOf(this.#region, monotonicNs) },
      stages: buildStages(context, plan[0]),
      StageHost,
      onFlushed: () => {
        this.#flushed += 1
      },
    })
    this.#host = host
    this.close = close
    this.#market.warmUp((record) => this.#toState({ record: { ...record }, isHeard: false, intendedNs: Number.NaN }))
    await this.#flush()
  }

  /** Latencies of `seconds` at this pace, after `warmSeconds` of it. */
  async paced(warmSeconds, seconds, intervalNs) {
    const histogram = this.#region.histogram('reservation')
    let before
    const begin = () => {
      before = histogram.copy()
    }
    const send = (intendedNs) => this.#send(intendedNs)
    await paced({ warmSeconds, seconds, intervalNs, send, begin })
    await this.#flush()
    return figuresOf(histogram.since(before))
  }

  async flood(records) {
    const beganNs = monotonicNs()
    for (let sent = 0; sent < records; sent++) {
      this.#send(monotonicNs())
      if (sent % 64 === 63) await nextTurn()
    }
    await this.#flush()
    return (monotonicNs() - beganNs) / records
  }

  #send(intendedNs) {
    const record = this.#market.trade(eventNsPerRecord)
    this.#toState({ record, isHeard: true, intendedNs })
    this.#host.show(stageIndex.order, record)
    this.#host.settle()
  }

  #toState(message) {
    this.#ports[1].postMessage(message)
  }

  /** Until all that was sent has been taken, left to right, twice: what came of it comes too. */
  async #flush() {
    for (let round = 0; round < 2; round++) {
      for (const port of this.#ports) {
        if (port === null) continue
        const before = this.#flushed
        port.postMessage({ flush: true })
        while (this.#flushed === before) await nextTurn()
      }
    }
  }

  async end() {
    this.close()
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
    this.#region.close()
  }
}
