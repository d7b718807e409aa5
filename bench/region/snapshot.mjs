/** Reading a snapshot from JavaScript: against what such a call and such a copy cost at least, and against the js backend. */
import { ratioAtLeast, ratioAtMost } from '../bars.mjs'
import { loadFloorAddon } from '../floor-addon.mjs'
import { batchCalls, batched, measured, p50Of, sampleInOrder, sampleInTurns } from '../sampler.mjs'
import { createRegion, snapshotOf } from './regions.mjs'

const leastTimesFaster = { 1024: 40, 4096: 80 }

export function measure(argument, isQuick) {
  return argument === 'floor' ? againstFloor(1_024, isQuick) : againstJs(argument, isQuick)
}

function againstFloor(bytes, isQuick) {
  const { empty, copies } = loadFloorAddon()
  const read = batched(readingOf('native', bytes), { isQuick })
  const crossing = batched(() => (empty() === undefined ? 1 : 0), { isQuick })
  // One call makes a whole batch of copies: a sample is a batch either way.
  const copying = batched(() => (copies(bytes, batchCalls) === undefined ? 1 : 0), { isQuick, calls: 1 })
  sampleInTurns([read, crossing, copying], isQuick)
  const value = p50Of(crossing) + p50Of(copying) / batchCalls
  const floor = { name: 'empty Node-API call + memcpy of 1 KiB', value }
  return [measured('snapshot read, 1 KiB', read, { floor, bars: [ratioAtMost(1.5)] })]
}

/** Native is done before js begins: both pass through the reader's code, and the second one would make its call site serve two. */
function againstJs(bytes, isQuick) {
  const native = batched(readingOf('native', bytes), { isQuick })
  sampleInOrder([native], isQuick)
  const js = batched(readingOf('js', bytes), { isQuick, calls: 100, count: isQuick ? 100 : 400 })
  sampleInOrder([js], isQuick)
  const floor = { name: 'js backend, on the same code above it', value: p50Of(js) }
  const ratio = p50Of(js) / p50Of(native)
  const bars = [ratioAtLeast(leastTimesFaster[bytes])]
  return [measured(`snapshot read, ${bytes / 1_024} KiB, times faster than js`, native, { floor, ratio, bars })]
}

function readingOf(backend, bytes) {
  const snapshot = snapshotOf(bytes)
  const region = createRegion({ backend, snapshots: [snapshot] })
  const writer = region.claimWriter(snapshot)
  writer.rowValues.fill(1.5)
  writer.publish()
  const reader = region.reader(snapshot)
  return () => reader.read()
}
