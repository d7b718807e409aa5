/** The events that a region's table holds, as the stages know them: for a stage that takes the place of another. Any thread. */
import type { MarketEvent } from './event.ts'
import { readEventRecord } from './event-record.ts'

/** What is asked of the table (`EventRegistry`). */
export interface ScannedTable {
  scan(typeIndex: number, visit: (found: FoundEvent) => void): number
  idOf(handle: number): string | null
}

interface FoundEvent {
  readonly handle: number
  readonly lifecycle: number
  readonly typeIndex: number
  readonly symbolIndex: number
  readonly record: Float64Array
}

export interface TableEntry {
  readonly event: MarketEvent
  readonly handle: number
  /** The number of its lifecycle state. */
  readonly lifecycle: number
}

/** Everything that was registered and not retired, without its evidence. */
export function eventsInTable(
  table: ScannedTable,
  types: readonly string[],
  symbols: readonly string[],
): readonly TableEntry[] {
  const entries: TableEntry[] = []
  table.scan(-1, ({ handle, lifecycle, typeIndex, symbolIndex, record }) => {
    const eventId = table.idOf(handle)
    if (eventId === null) return
    const told = { eventId, typeIndex, symbolIndex, eventType: types[typeIndex]!, symbol: symbols[symbolIndex]! }
    entries.push({ event: readEventRecord(record, told), handle, lifecycle })
  })
  return entries
}
