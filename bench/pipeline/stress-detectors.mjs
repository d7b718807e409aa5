/**
 * Detectors of the stress: one event is live on every symbol from its first record on, and each further record moves it. When its life is over
 * the next one takes its place at once. Types go round the symbols. Their evidence is made up; what happens to them is not.
 */
import { hotFieldIndex } from '../../dist/domain/hot-state.js'
import { eventCapitalMinor, symbols, typeOf } from './stress-market.mjs'

const types = [...new Set(symbols.map((_, index) => typeOf(index)))]

export default types.map((eventType, at) => ({
  eventType,
  kind: `stress${at}`,
  watch: ({ symbol }) => (typeOf(symbols.indexOf(symbol)) === eventType ? moving(symbols.indexOf(symbol)) : nothing),
}))

const nothing = { step: () => undefined }

function moving(symbolIndex) {
  let fired = symbolIndex
  return {
    step(row, context) {
      if (context.live?.state === 'TRIGGERED') {
        context.advance('ACTIVE')
        return
      }
      if (context.live !== null) context.advance('COMPLETED')
      const last = row[hotFieldIndex.lastTicks]
      fired += 1
      const side = fired % 2 === 0 ? 'long' : 'short'
      const direction = side === 'long' ? 1 : -1
      context.fire({
        side,
        priorityScore: ((fired * 37 + symbolIndex * 11) % 100) / 100,
        targetTicks: Math.round(last * (1 + direction * 0.02)),
        stopTicks: Math.round(last * (1 - direction * 0.01)),
        winRate: 0.5,
        lifeNs: 60e9,
        capitalRequiredMinor: eventCapitalMinor,
        evidence: { fired },
      })
    },
  }
}
