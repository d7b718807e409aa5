/**
 * Getting one of 1,024 live events out of shared memory, its whole record copied, against `Map.get` of the same string keys in one
 * thread, which copies nothing. Both go through the same 4,096 lookups, every key four times, shuffled.
 */
import { ratioAtMost } from '../bars.mjs'
import { batched, measured, p50Of, sampleInTurns } from '../sampler.mjs'
import { createRegion, lookupsOf, registerMany } from './regions.mjs'

const live = 1_024

export function measure(by, isQuick) {
  const { events } = createRegion()
  const { ids, handles } = registerMany({ events }, live)
  const map = new Map(ids.map((id, index) => [id, handles[index]]))
  const keys = lookupsOf(ids)
  const get = batched(by === 'id' ? gettingById(events, keys) : gettingByHandle(events, lookupsOf(handles)), {
    isQuick,
  })
  const plain = batched(gettingFromMap(map, keys), { isQuick })
  sampleInTurns([get, plain], isQuick)
  const floor = { name: 'Map.get of the same keys', value: p50Of(plain) }
  return [measured(`registry get by ${by}, 1,024 live`, get, { floor, bars: [ratioAtMost(by === 'id' ? 4 : 1.5)] })]
}

function gettingByHandle(events, handles) {
  let at = 0
  return () => {
    at = (at + 1) & 4_095
    return events.get(handles[at]) ? 1 : 0
  }
}

function gettingById(events, ids) {
  let at = 0
  return () => {
    at = (at + 1) & 4_095
    return events.getById(ids[at]) ? 1 : 0
  }
}

function gettingFromMap(map, keys) {
  let at = 0
  return () => {
    at = (at + 1) & 4_095
    return map.get(keys[at])
  }
}
