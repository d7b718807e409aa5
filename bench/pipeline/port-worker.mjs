/** A thread of `port-pipeline.mjs`. */
import { parentPort, workerData } from 'node:worker_threads'
import { monotonicNs } from '../../dist/base/clock.js'
import { StageHost } from '../../dist/pipeline/host.js'
import { latencyProbeOf } from '../../dist/pipeline/stage-latency.js'
import { topologies } from '../../dist/pipeline/topology.js'
import { Region } from '../../dist/region/region.js'
import { buildStages } from '../../dist/stage-set.js'
import { Strategies } from '../../dist/strategy/strategies.js'
import { openPorts, stageContext } from './port-stages.mjs'

const { topology, thread, ports, detectorModule } = workerData
const plan = topologies[topology]
const region = Region.attach(workerData.region, { backend: 'native' })
const { default: detectors } = await import(detectorModule)
openPorts({
  ...{ plan, thread, ports, StageHost, latency: latencyProbeOf(region, monotonicNs) },
  stages: buildStages(stageContext(region, new Strategies(), detectors), plan[thread]),
  onFlushed: () => undefined,
})
parentPort.postMessage('ready')
