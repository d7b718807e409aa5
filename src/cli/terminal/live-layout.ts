/** The terminal that a live run is shown on, and which of its two layouts it has room for. Pure. */
import type { Instrument } from '../../domain/instrument.ts'
import type { Timeline } from '../../domain/units.ts'

export interface LiveLayout {
  readonly instruments: readonly Instrument[]
  readonly timeline: Timeline
  readonly freshnessHorizonS: number
  readonly columns: number
  readonly rows: number
  readonly isColoured: boolean
}

/** From so many columns on an event has its whole id and a bar of its freshness, and a decision its id and its capital. */
const wideColumns = 116

export function isWide({ columns }: LiveLayout): boolean {
  return columns >= wideColumns
}
