/** Reserving and releasing, together, uncontended: with all other slots of the ledger held (what a commit copies), and with none. */
import { p50AtMost } from '../bars.mjs'
import { batched, measured, sampleInTurns } from '../sampler.mjs'
import { createRegion, registerMany } from './regions.mjs'

const leaseUntilNs = 1e15

export function measure(slots, isQuick) {
  const full = batched(reserving(slots, slots - 1), { isQuick })
  const empty = batched(reserving(slots, 0), { isQuick })
  sampleInTurns([full, empty], isQuick)
  const name = `reserve + release, ${slots} slots`
  return [
    measured(`${name}, ${slots - 1} held`, full, { bars: [p50AtMost(slots === 16 ? 150 : 300)] }),
    measured(`${name}, none held`, empty),
  ]
}

function reserving(positionsMax, held) {
  const region = createRegion({ positionsMax })
  const { reservations } = region
  reservations.setLimits({
    capitalMinor: 1_000_000_000,
    maxOpenPositions: positionsMax,
    maxPositionsPerSymbol: positionsMax,
    interlock: null,
    pots: null,
  })
  const { handles } = registerMany(region, held + 1)
  const request = { handle: 0, capitalMinor: 1_000, leaseUntilNs }
  for (const handle of handles) {
    request.handle = handle
    if (handle !== handles.at(-1) && !reservations.reserve(request).ok) throw new Error('a slot could not be held')
  }
  return () => {
    const reserved = reservations.reserve(request)
    return reservations.release(reserved.token).ok ? 1 : 0
  }
}
