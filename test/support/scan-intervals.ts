/**
 * Whether the scans of a recorded history gave what is promised of them. A scan is not atomic: it looks at one entry after the other, so
 * two of its rows may be true of two moments. What is promised (REG-2, REG-4, REG-5 and the head of native/sync/event_table.hpp):
 *
 * - An event that was live throughout the scan, and of the type asked for, is in it. Live it was, certainly, from the end of whatever found
 *   it first (its own register, a register that was told EXISTS, a read, a transition, another scan) to the begin of its retire.
 * - Each row is a read by handle at some moment of the scan: a registered event that is not retired at that moment, its record whole, its
 *   state the one that it has then. So nothing that lost its register is in a scan, and nothing whose retire had ended before it began.
 * - No handle is in it twice.
 *
 * Not promised, so not asked: which of the events that came or went meanwhile are in it; that what one row shows was so when another
 * was read; the order of the rows; that an id is in it once, for it may be retired behind the scan and registered anew before it.
 *
 * Times are intervals: one call precedes another if it ended before that began, and otherwise either may have come first. That all rows
 * together with all other calls on their id have one order is more than intervals tell: `rowsAsReads` is for the sequential model.
 */
import { type Call, linesOf } from './linearizability.ts'

/** What a scan told of an event; its symbol is the number of its id. `check` is −stamp in a whole record. */
export type ScanRow = readonly [
  handle: number,
  lifecycle: number,
  spent: boolean,
  type: number,
  symbol: number,
  stamp: number,
  check: number,
]

/** One registration and what became of it. `foundAt`: when the first call that found it had ended. */
interface Event {
  readonly handle: number
  readonly id: number
  readonly stamp: number
  readonly type: number
  readonly register: Call
  readonly foundAt: number
  readonly retire: Call | undefined
  /** Those that took effect. Forward only, so it comes to each state once. */
  readonly transitions: readonly Call[]
}

/** Null, or what the first scan that broke a promise did, and the calls by their begin. All ids' calls: `scan(type)` → rows. */
export function findScanViolation(history: readonly Call[]): string | null {
  const events = eventsOf(history)
  if (typeof events === 'string') return [events, ...linesOf(history)].join('\n')
  for (const scan of scansOf(history)) {
    const fault = faultOf(scan, events)
    if (fault !== null)
      return [`${fault}: thread ${scan.thread}, ${scan.begin}…${scan.end}`, ...linesOf(history)].join('\n')
  }
  return null
}

/**
 * The history with each scan's rows in its place, as reads by handle at some moment of it. One thread's reads would have an order; the
 * rows of a scan have none that is promised, so those of one id go to threads that nobody is.
 */
export function rowsAsReads(history: readonly Call[]): Call[] {
  const threads = Math.max(...history.map(({ thread }) => thread)) + 1
  return history.flatMap((call) => {
    if (call.name !== 'scan') return [call]
    const rowsOfId = new Map<number, number>()
    return (call.result as readonly ScanRow[]).map(([handle, lifecycle, , , id, stamp]) => {
      const nth = rowsOfId.get(id) ?? 0
      rowsOfId.set(id, nth + 1)
      const thread = call.thread + nth * threads
      return { ...call, thread, name: 'get', values: [id, handle], result: [handle, lifecycle, stamp] }
    })
  })
}

/** Scans during which another thread's register or retire may have taken effect: where a scan can go wrong. */
export function scansBesideChanges(history: readonly Call[]): number {
  const changes = history.filter((call) => isRegistration(call) || isRetirement(call))
  return scansOf(history).filter((scan) =>
    changes.some((change) => change.thread !== scan.thread && !precedes(change, scan) && !precedes(scan, change)),
  ).length
}

const precedes = (first: Call, second: Call): boolean => first.end < second.begin
const scansOf = (history: readonly Call[]): Call[] => history.filter(({ name }) => name === 'scan')
const isRegistration = ({ name, result }: Call): boolean =>
  name === 'register' && (result as readonly unknown[])[0] === true
const isRetirement = ({ name, result }: Call): boolean => name === 'retire' && result === true
const isMove = ({ name, result }: Call): boolean => name === 'transition' && (result as readonly unknown[])[0] === 'ok'

/** By handle, or what forbids that. */
function eventsOf(history: readonly Call[]): Map<number, Event> | string {
  const foundAt = new Map<number, number>()
  for (const call of history) {
    for (const handle of foundIn(call)) foundAt.set(handle, Math.min(call.end, foundAt.get(handle) ?? call.end))
  }
  const events = new Map<number, Event>()
  for (const register of history.filter(isRegistration)) {
    const [id, stamp, type] = register.values as [number, number, number]
    const handle = (register.result as [true, number])[1]
    if (events.has(handle)) return `two registers were given the handle ${handle} (REG-5)`
    const isOfEvent = ({ values }: Call): boolean => values[1] === handle
    events.set(handle, {
      ...{ handle, id, stamp, type, register },
      foundAt: foundAt.get(handle)!,
      retire: history.find((call) => isRetirement(call) && isOfEvent(call)),
      transitions: history.filter((call) => isMove(call) && isOfEvent(call)),
    })
  }
  return events
}

/** Handles of events that were live at some moment of the call. */
function foundIn({ name, values, result }: Call): readonly number[] {
  switch (name) {
    case 'register':
      return [(result as [boolean, number])[1]]
    case 'getById':
    case 'get':
      return result === null ? [] : [(result as readonly number[])[0]!]
    case 'transition':
      return (result as readonly unknown[])[0] === 'GONE' ? [] : [values[1]!]
    case 'scan':
      return (result as readonly ScanRow[]).map(([handle]) => handle)
    default:
      return []
  }
}

function faultOf(scan: Call, events: ReadonlyMap<number, Event>): string | null {
  const wanted = scan.values[0]!
  const given = new Set<number>()
  for (const row of scan.result as readonly ScanRow[]) {
    const [handle, , , type] = row
    if (given.has(handle)) return `a scan gave the handle ${handle} twice`
    given.add(handle)
    if (wanted >= 0 && type !== wanted) return `a scan of type ${wanted} gave one of type ${type}`
    const event = events.get(handle)
    if (event === undefined) return `a scan gave the handle ${handle}, which no register was given`
    const fault = faultOfRow(row, scan, event)
    if (fault !== null) return `a scan gave the event ${handle} ${fault}`
  }
  for (const { handle, type, foundAt, retire } of events.values()) {
    const isLiveThroughout = foundAt < scan.begin && (retire === undefined || precedes(scan, retire))
    if (isLiveThroughout && (wanted < 0 || type === wanted) && !given.has(handle))
      return `a scan left out the event ${handle}, which was live throughout it (REG-4)`
  }
  return null
}

function faultOfRow(row: ScanRow, scan: Call, event: Event): string | null {
  const [, lifecycle, spent, type, symbol, stamp, check] = row
  if (stamp !== event.stamp || check !== -stamp) return `with another record than its own (REG-2): ${stamp}, ${check}`
  if (symbol !== event.id || type !== event.type) return `with the type ${type} and the symbol ${symbol}, not its own`
  // Nobody submits in these histories.
  if (spent) return 'as spent'
  if (precedes(scan, event.register)) return 'before it was registered'
  if (event.retire !== undefined && precedes(event.retire, scan)) return 'after it was retired'
  const entered = event.transitions.find(({ values }) => values[2] === lifecycle)
  const left = event.transitions.find(({ result }) => (result as [string, number])[1] === lifecycle)
  if (lifecycle !== 0 && entered === undefined) return `in the state ${lifecycle}, to which nobody moved it`
  if (entered !== undefined && precedes(scan, entered)) return `in the state ${lifecycle} before anybody moved it there`
  if (left !== undefined && precedes(left, scan)) return `in the state ${lifecycle} after it had left it`
  return null
}
