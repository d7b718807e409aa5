/** The region's operations in C++ alone, beside the rows of the same names: the difference is the price of the border. */
import { loadFloorAddon } from '../floor-addon.mjs'
import { batchCalls, batched, measured, sampleInTurns } from '../sampler.mjs'
import { createRegion, idOf, lookupsOf, registerMany, snapshotOf } from './regions.mjs'

const live = 1_024
const idCount = 256

export function measure(_argument, isQuick) {
  return [
    row('snapshot read, 1 KiB', isQuick, 'read', published),
    row('registry get by handle, 1,024 live', isQuick, 'get', registered),
    row('registry get by id, 1,024 live', isQuick, 'getById', registered),
    row('register + retire, hot', isQuick, 'registerAndRetire', empty),
    row('scan of 100 live of 4,096', isQuick, 'scan', scanned, 100),
    row('reserve + release, 16 slots, 15 held', isQuick, 'reserveAndRelease', () => held(16)),
    row('reserve + release, 64 slots, 63 held', isQuick, 'reserveAndRelease', () => held(64)),
  ]
}

/** One call of the addon makes a whole batch: what is left of the border is a thousandth. */
function row(name, isQuick, operation, prepare, calls = batchCalls) {
  const { core } = loadFloorAddon()
  const { region, handles, ids } = prepare()
  core.open(new Uint8Array(region.descriptor.bytes), handles, ids)
  const target = batched(() => core[operation](calls), { isQuick, calls: 1 })
  sampleInTurns([target], isQuick)
  for (let sample = 0; sample < target.samples.length; sample += 1) target.samples[sample] /= calls
  return measured(`${name}, in C++`, target)
}

function published() {
  const snapshot = snapshotOf(1_024)
  const region = createRegion({ snapshots: [snapshot] })
  const writer = region.claimWriter(snapshot)
  writer.publish()
  return { region, handles: [], ids: [] }
}

function registered() {
  const region = createRegion()
  const { ids, handles } = registerMany(region, live)
  return { region, handles: lookupsOf(handles), ids: lookupsOf(ids) }
}

function empty() {
  return { region: createRegion(), handles: [], ids: Array.from({ length: idCount }, (_, index) => idOf(index)) }
}

function scanned() {
  const region = createRegion()
  registerMany(region, 100)
  return { region, handles: [], ids: [] }
}

/** All slots but one. */
function held(positionsMax) {
  const region = createRegion({ positionsMax })
  const { reservations } = region
  reservations.setLimits({
    capitalMinor: 1_000_000_000,
    maxOpenPositions: positionsMax,
    maxPositionsPerSymbol: positionsMax,
    interlock: null,
    pots: null,
  })
  const { handles } = registerMany(region, positionsMax)
  for (const handle of handles.slice(0, -1)) {
    if (!reservations.reserve({ handle, capitalMinor: 1_000, leaseUntilNs: 1e15 }).ok)
      throw new Error('a slot could not be held')
  }
  return { region, handles, ids: [] }
}
