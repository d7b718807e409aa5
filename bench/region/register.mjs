/** Registering an event and retiring it again, together: in an empty table, and in one of 4,096 entries of which 3,800 are live. */
import { p50AtMost } from '../bars.mjs'
import { batched, measured, sampleInTurns } from '../sampler.mjs'
import { createRegion, idOf, registerMany } from './regions.mjs'

/** Ids that take turns: a power of two. */
const idCount = 256

export function measure(live, isQuick) {
  const region = createRegion()
  registerMany(region, live)
  const { events } = region
  const ids = Array.from({ length: idCount }, (_, index) => idOf(live + index))
  let at = 0
  const both = batched(
    () => {
      at = (at + 1) & (idCount - 1)
      const made = events.register(ids[at], 1, 1)
      return events.retire(made.handle) ? 1 : 0
    },
    { isQuick },
  )
  sampleInTurns([both], isQuick)
  const name =
    live === 0 ? 'register + retire, hot' : `register + retire, ${live.toLocaleString('en-US')} of 4,096 live`
  return [measured(name, both, { bars: [p50AtMost(live === 0 ? 300 : 500)] })]
}
