// Detectors for threads: they fire at every so many looks, and do what the module's address says.
//   ?every=N   an event at each N-th look of a symbol      &hold=N  it completes N looks later
//   &busy=US   each look takes so long                     &exit=N  the thread ends itself at the N-th look
//   &hang=N    the N-th look never ends                    &once=ARRAY exit and hang in one thread of the run only
import { getEnvironmentData } from 'node:worker_threads'
import { hotFieldIndex } from '../../../dist/domain/hot-state.js'

const options = new URL(import.meta.url).searchParams
const number = (name, otherwise) => Number(options.get(name) ?? otherwise)
const every = number('every', 40)
const hold = number('hold', 15)
const busyNs = number('busy', 0) * 1_000
const exitAt = number('exit', 0)
const hangAt = number('hang', 0)
/** Word 0: how many threads have been ended or hung by this. */
const once = getEnvironmentData('flow-detectors')
let looks = 0

function mischief() {
  if (once !== undefined && Atomics.add(new Int32Array(once), 0, 1) > 0) return
  if (exitAt > 0) process.exit(7)
  for (;;);
}

export default [
  {
    eventType: 'LIQUIDATION_CASCADE',
    kind: 'drill',
    watch: () => {
      let seen = 0
      let firedAt = 0
      return {
        step(row, context) {
          seen += 1
          looks += 1
          if (busyNs > 0) for (const began = process.hrtime.bigint(); process.hrtime.bigint() - began < busyNs; );
          if (looks === exitAt || looks === hangAt) mischief()
          const last = row[hotFieldIndex.lastTicks]
          if (context.live !== null) {
            if (seen - firedAt === hold) context.advance('COMPLETED')
          } else if (seen % every === 0) {
            const side = seen % (2 * every) === 0 ? 'long' : 'short'
            const up = Math.round(last * 1.02)
            const down = Math.round(last * 0.98)
            const isLong = side === 'long'
            const draft = { side, priorityScore: 0.5 + ((seen * 37) % 50) / 100, targetTicks: isLong ? up : down }
            const fired = context.fire({
              ...draft,
              ...{ stopTicks: isLong ? down : up, winRate: 0.5, lifeNs: 60e9, evidence: { seen } },
            })
            if (fired) firedAt = seen
          }
        },
      }
    },
  },
]
