/** Which symbols a page draws when there are more than a person can look at, and the line that says so. Pure. */

/** As many as these are all drawn; of more, the busiest. */
const drawnAlways = 12
/** No page draws more: it would be too long to find anything on it, and each symbol would have few points. */
const drawnMax = 24

export interface SymbolCounts {
  /** By symbol index, as are the trades. */
  readonly events: readonly number[]
  readonly trades: readonly number[]
  /** Somebody chose the symbols, so one without events is drawn too. */
  readonly areNamed: boolean
}

export interface DrawnSymbols {
  /** Symbol indexes, ascending. */
  readonly drawn: readonly number[]
  /** How many are not drawn, why, and how to choose; null: all are drawn. */
  readonly whyNotAll: string | null
}

export function drawnSymbols({ events, trades, areNamed }: SymbolCounts): DrawnSymbols {
  const all = events.map((_, index) => index)
  if (all.length <= (areNamed ? drawnMax : drawnAlways)) return { drawn: all, whyNotAll: null }
  const busiest = all.toSorted(
    (one, other) => events[other]! - events[one]! || trades[other]! - trades[one]! || one - other,
  )
  const eventful = events.filter((count) => count > 0).length
  const [count, reason] = areNamed
    ? [drawnMax, `a page draws at most ${drawnMax}, those with the most events first; fewer`]
    : eventful === 0
      ? [drawnAlways, `there is no event, and these ${drawnAlways} have the most trades; others`]
      : eventful > drawnMax
        ? [drawnMax, `${eventful} have events, and these ${drawnMax} have the most; others`]
        : [eventful, 'only those with events are; others']
  const drawn = busiest.slice(0, count).sort((one, other) => one - other)
  if (drawn.length === all.length) return { drawn, whyNotAll: null }
  const left = all.length - drawn.length
  const what = `${left} of ${all.length} symbols ${left === 1 ? 'is' : 'are'} not drawn`
  return { drawn, whyNotAll: `${what}: ${reason} can be chosen with --symbols BTC,ETH` }
}
