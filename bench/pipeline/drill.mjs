/** A detector that fires at every so many looks of a symbol and lets the event complete at the next one: each makes a decision, or two. */
import { hotFieldIndex } from '../../dist/domain/hot-state.js'

/** Looks of a symbol from one event to the next. */
export const looksPerEvent = 8

export default [
  {
    eventType: 'LIQUIDATION_CASCADE',
    kind: 'drill',
    watch: () => {
      let looks = 0
      return {
        step(row, context) {
          looks += 1
          if (context.live !== null) {
            if (looks % looksPerEvent === looksPerEvent / 2) context.advance('COMPLETED')
            return
          }
          if (looks % looksPerEvent !== 0) return
          const last = row[hotFieldIndex.lastTicks]
          const [targetTicks, stopTicks] = [Math.round(last * 1.02), Math.round(last * 0.98)]
          const evidence = { looks }
          context.fire({
            side: 'long',
            priorityScore: 0.8,
            targetTicks,
            stopTicks,
            winRate: 0.5,
            lifeNs: 60e9,
            evidence,
          })
        },
      }
    },
  },
]
