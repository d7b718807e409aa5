/**
 * One thread of a soak: registers and retires events, and reserves and releases positions, as often as it is told, each check by each.
 * Says how much memory it had after a tenth of it and at the end.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Random } from '../../../dist/base/random.js'
import { Region } from '../../../dist/region/region.js'

const { descriptor, backend, seed, thread, events: eventCount, reservations: reservationCount } = workerData
const region = Region.attach(descriptor, { backend })
const { events, reservations } = region
const random = new Random(seed)
const ids = Array.from({ length: 64 }, (_, index) => `soak_${thread}_${index}`)
const perReservation = Math.floor(eventCount / reservationCount)
let registered = 0
let reserved = 0
let refused = 0
let faults = 0

/** An event of its own: nobody else has its id, so it is always new and always there to be retired. */
function event(keep) {
  const id = ids[random.uint32() & 63]
  const result = events.register(id, thread % 3, thread)
  if (!result.ok) {
    faults += 1
    return 0
  }
  registered += 1
  if (!keep && !events.retire(result.handle)) faults += 1
  return result.handle
}

function reservation() {
  const handle = event(true)
  const result = reservations.reserve({ handle, capitalMinor: 10, leaseUntilNs: 1e15 })
  if (result.ok) {
    reserved += 1
    const isSubmitted = (random.uint32() & 1) === 1
    if (isSubmitted && !reservations.submit(result.token).ok) faults += 1
    if (!reservations.release(result.token, isSubmitted).ok) faults += 1
  } else if (result.refusal === 'NO_CAPITAL' || result.refusal === 'MAX_POSITIONS') refused += 1
  else faults += 1
  if (!events.retire(handle)) faults += 1
}

const memory = () => process.memoryUsage.rss()
let before = 0
for (let round = 0; round < reservationCount; round += 1) {
  reservation()
  for (let other = 1; other < perReservation; other += 1) event(false)
  if (round === Math.floor(reservationCount / 10)) before = memory()
}
parentPort.postMessage({ registered, reserved, refused, faults, before, after: memory() })
region.close()
