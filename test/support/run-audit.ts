/**
 * A second bookkeeper of a run that is over: everything that its summary and its journal say must agree, so that no event, no decision
 * and no order was lost between stages, on however many threads they ran. What it finds is a list of sentences; none is the proof.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ChannelFigures {
  readonly sent: number
  readonly received: number
  readonly waiting: number
  readonly refused?: number
  readonly dropped?: number
  readonly conflated?: number
  /** The most that ever waited, and the most that may. */
  readonly depthMax?: number
  readonly capacity?: number
}

/** What is read of a summary. Times have lost their last digits on the way through a double: some 256 ns. */
export interface SummaryFigures {
  readonly records: number
  readonly malformed: Readonly<Record<string, number>>
  readonly first_ns: number
  readonly last_ns: number
  readonly events: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly decisions: number
  readonly multi_event_decisions: number
  readonly selected: number
  readonly rejections: Readonly<Record<string, number>>
  readonly trades: number
  readonly reservations: { readonly granted: number; readonly error: number }
  readonly orders: {
    readonly declined: number
    readonly submitted: number
    readonly opened: number
    readonly refused: Readonly<Record<string, number>>
  }
  /** Where stages run on several threads; by the channel's name. */
  readonly channels?: Readonly<Record<string, ChannelFigures>>
  readonly undelivered?: number
  readonly held_max?: number
}

/** Records of one message of the exchange, and of what came before the feed held back: far more than that is no bound. */
const heldMax = 20_000

interface EventLine {
  readonly event_id: string
  readonly event_type: string
  readonly symbol: string
  readonly state: string
  readonly at_ns: number
  readonly evidence: Readonly<Record<string, number>>
}

interface DecisionLine {
  readonly arbitration_id: string
  readonly sequence: number
  readonly candidates: readonly { readonly event_id: string }[]
  readonly selected: readonly string[]
  readonly rejected_events: readonly { readonly event_id: string; readonly reason: string }[]
  readonly allocations: readonly { readonly event_id: string; readonly reservation_status: string }[]
}

interface InputLine {
  readonly arbitration_id: string
  readonly scenario: { readonly candidates: readonly { readonly event_id: string; readonly expires_at_ns: number }[] }
}

interface OrderLine {
  readonly event_id: string
  readonly arbitration_id: string
}

export interface RunLines {
  readonly events: readonly string[]
  readonly inputs: readonly string[]
  readonly decisions: readonly string[]
  readonly trades: readonly string[]
  readonly refusals: readonly string[]
}

const states = ['TRIGGERED', 'ACTIVE', 'COMPLETING', 'COMPLETED', 'INVALIDATED']
const ended: ReadonlySet<string> = new Set(['COMPLETED', 'INVALIDATED'])

/** The lines of a journal folder, rotations in their order. @throws when a file's last line is torn. */
export function readRunLines(folder: string): RunLines {
  const linesOf = (series: keyof RunLines): string[] => {
    const names = readdirSync(folder).filter((name) => name.startsWith(`${series}-`))
    return names.sort().flatMap((name) => {
      const lines = readFileSync(join(folder, name), 'utf8').split('\n')
      if (lines.pop() !== '') throw new Error(`${name}: its last line is torn`)
      return lines
    })
  }
  return {
    events: linesOf('events'),
    inputs: linesOf('inputs'),
    decisions: linesOf('decisions'),
    trades: linesOf('trades'),
    refusals: linesOf('refusals'),
  }
}

/** What does not agree; empty when all does. */
export function runFaults(summary: SummaryFigures, lines: RunLines): string[] {
  const parse = <Line>(texts: readonly string[]): Line[] => texts.map((text) => JSON.parse(text) as Line)
  const events = parse<EventLine>(lines.events)
  const inputs = parse<InputLine>(lines.inputs)
  const decisions = parse<DecisionLine>(lines.decisions)
  const trades = parse<OrderLine>(lines.trades)
  const refusals = parse<OrderLine>(lines.refusals)
  return [
    ...intakeFaults(summary),
    ...eventFaults(summary, events, inputs),
    ...decisionFaults(summary, decisions, inputs),
    ...orderFaults(summary, decisions, trades, refusals, events),
    ...channelFaults(summary.channels ?? {}),
    ...differs('messages for threads that had ended', summary.undelivered ?? 0, 0),
    ...((summary.held_max ?? 0) > heldMax ? [`${summary.held_max} records were held back at once`] : []),
  ]
}

function intakeFaults({ malformed, reservations }: SummaryFigures): string[] {
  return [
    ...Object.entries(malformed).map(([kind, count]) => `${count} malformed rows: ${kind}`),
    ...differs('reservations in error', reservations.error, 0),
  ]
}

/** Each event begins once, moves forward, ends once; none is left that should have expired. */
function eventFaults(summary: SummaryFigures, events: readonly EventLine[], inputs: readonly InputLine[]): string[] {
  const faults: string[] = []
  const last = new Map<string, EventLine>()
  const triggered: Record<string, Record<string, number>> = {}
  for (const line of events) {
    const { event_id, event_type, symbol, state } = line
    const before = last.get(event_id)
    last.set(event_id, line)
    if (before === undefined) {
      if (state !== 'TRIGGERED') faults.push(`event ${event_id} begins with ${state}`)
      const symbols = triggered[event_type] ?? {}
      triggered[event_type] = { ...symbols, [symbol]: (symbols[symbol] ?? 0) + 1 }
    } else if (ended.has(before.state) || states.indexOf(state) <= states.indexOf(before.state)) {
      faults.push(`event ${event_id} goes from ${before.state} to ${state}`)
    }
  }
  const expiry = new Map<string, number>()
  for (const { scenario } of inputs) {
    for (const { event_id, expires_at_ns } of scenario.candidates) expiry.set(event_id, expires_at_ns)
  }
  for (const [id, { state }] of last) {
    if (ended.has(state)) continue
    const expiresNs = expiry.get(id)
    if (expiresNs === undefined) faults.push(`event ${id} has no end and was in no decision`)
    else if (expiresNs <= summary.last_ns) faults.push(`event ${id} has no end, not even its expiry`)
  }
  return [...faults, ...differs('events by type and symbol', counted(triggered), counted(summary.events))]
}

/** Sequences without a gap, a line of inputs for each, every candidate in its place, and the same counts as the summary's. */
function decisionFaults(
  summary: SummaryFigures,
  decisions: readonly DecisionLine[],
  inputs: readonly InputLine[],
): string[] {
  const faults: string[] = []
  const rejections: Record<string, number> = {}
  const idsOf = (line: { readonly arbitration_id: string } | undefined): string => line?.arbitration_id ?? 'none'
  for (let at = 0; at < Math.max(decisions.length, inputs.length); at += 1) {
    if (idsOf(decisions[at]) === idsOf(inputs[at])) continue
    faults.push(`line ${at + 1} of decisions is ${idsOf(decisions[at])}, of inputs ${idsOf(inputs[at])}`)
    break
  }
  for (const [at, decision] of decisions.entries()) {
    const before = decisions[at - 1]?.sequence ?? 0
    if (decision.sequence !== before + 1) faults.push(`decision ${decision.sequence} comes after ${before}`)
    const told = [...decision.selected, ...decision.rejected_events.map(({ event_id }) => event_id)]
    const candidates = decision.candidates.map(({ event_id }) => event_id)
    if (told.sort().join() !== candidates.sort().join()) {
      faults.push(`decision ${decision.sequence} does not say of each candidate what became of it`)
    }
    for (const { reason } of decision.rejected_events) rejections[reason] = (rejections[reason] ?? 0) + 1
  }
  const multi = decisions.filter(({ candidates }) => candidates.length > 1).length
  const selected = decisions.reduce((sum, decision) => sum + decision.selected.length, 0)
  return [
    ...faults,
    ...differs('decisions', decisions.length, summary.decisions),
    ...differs('decisions between several events', multi, summary.multi_event_decisions),
    ...differs('selected', selected, summary.selected),
    ...differs('rejections', counted(rejections), counted(summary.rejections)),
  ]
}

/**
 * Each grant ends in one trade, one refusal or one declined event; none in two, and nothing without a grant. On threads an event may end
 * while its grant is on its way to the orders: then its own end is what stands in the journal, and the grant is declined.
 */
function orderFaults(
  { reservations, orders, trades: tradeCount, channels }: SummaryFigures,
  decisions: readonly DecisionLine[],
  trades: readonly OrderLine[],
  refusals: readonly OrderLine[],
  events: readonly EventLine[],
): string[] {
  const isOnThreads = channels !== undefined
  const keyOf = ({ event_id, arbitration_id }: OrderLine): string => `${event_id} of ${arbitration_id}`
  const granted = decisions.flatMap(({ arbitration_id, allocations }) =>
    allocations.flatMap(({ event_id, reservation_status }) =>
      reservation_status === 'SUCCESS' ? [{ event_id, arbitration_id }] : [],
    ),
  )
  const declinedIds = new Set(events.flatMap(({ event_id, evidence }) => (evidence.declined === 1 ? [event_id] : [])))
  const endedIds = new Set(events.flatMap(({ event_id, state }) => (ended.has(state) ? [event_id] : [])))
  const endings = new Map<string, number>()
  for (const line of [...trades, ...refusals]) endings.set(keyOf(line), (endings.get(keyOf(line)) ?? 0) + 1)
  const faults: string[] = []
  let declined = 0
  for (const grant of granted) {
    const ends = endings.get(keyOf(grant)) ?? 0
    endings.delete(keyOf(grant))
    const isOver = declinedIds.has(grant.event_id) || (isOnThreads && endedIds.has(grant.event_id))
    if (ends === 0 && isOver) declined += 1
    else if (ends !== 1) faults.push(`the grant ${keyOf(grant)} has ${ends} ends`)
  }
  for (const key of endings.keys()) faults.push(`${key} was never granted`)
  const refused = Object.values(orders.refused).reduce((sum, count) => sum + count, 0)
  return [
    ...faults,
    ...differs('grants', granted.length, reservations.granted),
    ...differs('declined', declined, orders.declined),
    ...differs('trades', trades.length, tradeCount),
    ...differs('opened entries', orders.opened, tradeCount),
    ...differs('refusals', refusals.length, refused),
    ...differs('grants by end', orders.declined + orders.submitted, reservations.granted),
    ...differs('entries by end', orders.opened + refused, orders.submitted),
  ]
}

/** Nothing waits when all have stopped, nothing was sent that did not arrive, and no queue was ever longer than it may be. */
export function channelFaults(channels: Readonly<Record<string, ChannelFigures>>): string[] {
  return Object.entries(channels).flatMap(([name, figures]) => {
    const { sent, received, waiting, refused = 0, dropped = 0, conflated = 0, depthMax, capacity } = figures
    const arrived = received + waiting + conflated + dropped
    return [
      ...differs(`channel ${name}: sent`, sent, arrived),
      ...differs(`channel ${name}: waiting at the end`, waiting, 0),
      // Decisions to be shown may be dropped: nothing acts on them.
      ...(name === 'decisions shown' ? [] : differs(`channel ${name}: lost`, refused + dropped, 0)),
      ...(depthMax !== undefined && capacity !== undefined && depthMax > capacity
        ? [`channel ${name} held ${depthMax} of ${capacity}`]
        : []),
    ]
  })
}

function differs(what: string, got: number | string, wanted: number | string): string[] {
  return got === wanted ? [] : [`${what}: ${got}, and ${wanted} elsewhere`]
}

/** Counts by name, whatever their order. */
function counted(counts: Readonly<Record<string, unknown>>): string {
  const sorted = (value: unknown): unknown =>
    typeof value !== 'object' || value === null
      ? value
      : Object.entries(value)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([name, inner]) => [name, sorted(inner)])
  return JSON.stringify(sorted(counts))
}
