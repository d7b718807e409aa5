// Detectors for threads, as flow-detectors.mjs, and a fault in a stage of their thread, as the module's address says.
//   ?stage=NAME   which one: its `onBatch` throws what no stage throws, once     &at=N  at its N-th batch
import { RegistryStage } from '../../../dist/stages/registry/registry-stage.js'
import { StateStage } from '../../../dist/stages/state/state-stage.js'

const options = new URL(import.meta.url).searchParams
const stage = { registry: RegistryStage, state: StateStage }[options.get('stage')]
const at = Number(options.get('at') ?? 1)
const { onBatch } = stage.prototype
let batches = 0

stage.prototype.onBatch = function (...batch) {
  batches += 1
  if (batches === at) throw new TypeError('nobody foresaw this')
  return onBatch.apply(this, batch)
}

export { default } from './flow-detectors.mjs'
