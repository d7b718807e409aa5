/** The summary of a run: what `replay --json` prints (CONTRACTS "Summary"); cli/terminal/summary-page.ts has it for people. Pure. */
import type { EventChange } from './domain/message.ts'
import type { EntryRefusalReason } from './domain/order.ts'
import { toMoney } from './domain/units.ts'
import type { Engine } from './engine.ts'
import type { EngineFigures, HealthFigures } from './engine-figures.ts'
import type { FlowThreads } from './flow-threads.ts'
import type { LimitRefusal, ReservationCounters } from './stages/reservation/reservation-stage.ts'
import type { StrategyFigures } from './strategy-workers.ts'

/** Events by type and symbol: counted as they are registered. */
export class EventCounts {
  readonly byType = new Map<string, Map<string, number>>()

  add(change: EventChange): void {
    if (change.state !== 'TRIGGERED') return
    const { eventType, symbol } = change.event
    const symbols = this.byType.get(eventType) ?? new Map<string, number>()
    this.byType.set(eventType, symbols)
    symbols.set(symbol, (symbols.get(symbol) ?? 0) + 1)
  }

  toJson(): Record<string, Record<string, number>> {
    const sorted = <Value>(map: Map<string, Value>): [string, Value][] =>
      [...map].sort(([one], [other]) => (one < other ? -1 : 1))
    return Object.fromEntries(sorted(this.byType).map(([type, symbols]) => [type, Object.fromEntries(sorted(symbols))]))
  }
}

/** Nanoseconds since the record's receipt; for the whole, since it began. */
export interface StageLatency {
  /** How often it was measured: of a replay one record in 16 is. */
  readonly count: number
  readonly p50_ns: number
  readonly p99_ns: number
  readonly max_ns: number
}

export interface ServiceSummary {
  readonly competed: number
  readonly served: number
  /** Null where none was served. */
  readonly wait: {
    readonly mean_ns: number
    readonly p50_ns: number
    readonly p99_ns: number
    readonly max_ns: number
  } | null
}

/** What became of a strategy in a worker; `StrategyFigures` says what the counts mean. */
export interface StrategySummary {
  readonly name: string
  readonly state: StrategyFigures['state']
  readonly why: string | null
  readonly asked: number
  readonly claims: number
  readonly invalid: number
  readonly threw: number
  readonly granted: number
  readonly refused: StrategyFigures['refused']
  readonly unsent: number
  readonly dismissed: StrategyFigures['dismissed']
  readonly submitted: number
  readonly unfilled: number
  readonly trades: number
  readonly pnl: number
}

export interface Summary {
  readonly records: number
  readonly malformed: Readonly<Record<string, number>>
  /** Well-formed rows that were no records of the run, by kind; absent when there were none. */
  readonly left_out?: Readonly<Record<string, number>>
  /** Unix nanoseconds of the first and last record; null without records. Bare digits in JSON. */
  readonly first_ns: bigint | null
  readonly last_ns: bigint | null
  readonly events: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly decisions: number
  readonly multi_event_decisions: number
  readonly selected: number
  /** Of the weight set that the run ended with; absent where it is 1: the policy's own weights. */
  readonly weights_version?: number
  /** How often decisions turned an event down, by the journal's reason; those that occurred, the most frequent first. */
  readonly rejections: Readonly<Record<string, number>>
  readonly trades: number
  readonly pnl: number
  readonly fees: number
  readonly funding: number
  readonly equity: { readonly start: number; readonly end: number; readonly max_drawdown: number }
  /** Mean ÷ standard deviation of the trades' returns, per trade; null below 30 trades. */
  readonly sharpe: number | null
  /** Events that starved, each once; decisions that passed over a better event without a reason (ERRATA E12, E19). */
  readonly starvation_events: number
  readonly priority_inversions: number
  /** How long events waited for open positions of a lower tier, all together and the one that waited longest. */
  readonly holder_waits: { readonly events: number; readonly total_ns: number; readonly max_ns: number }
  /** By type: events that took part in a decision, those selected, and how long these had waited. */
  readonly service: Readonly<Record<string, ServiceSummary>>
  /** `denied` is the sum of `denied_by`. */
  readonly reservations: {
    readonly granted: number
    readonly lost: number
    readonly denied: number
    readonly denied_by: Readonly<Record<LimitRefusal, number>>
    readonly error: number
  }
  /** granted = declined + submitted; submitted = opened + refused, and what was opened is a trade at the end. */
  readonly orders: {
    readonly declined: number
    readonly submitted: number
    readonly opened: number
    readonly refused: Readonly<Record<EntryRefusalReason, number>>
  }
  /** Strategies in workers, in their order; absent when there were none. */
  readonly strategies?: readonly StrategySummary[]
  /** `record`, `decision`, and each stage that was measured at least once, in the order of a record's way. */
  readonly latency: Readonly<Record<string, StageLatency>>
  /** Of a live run on threads: what each channel counted. */
  readonly channels?: Readonly<Record<string, ChannelSummary>>
  /** State updates that a newer one replaced while they waited for a stage of their own thread. */
  readonly conflated_within?: number
  /** Messages for a thread that had ended. */
  readonly undelivered?: number
  /** The most that waited on the run's thread for room on the way to another. */
  readonly held_max?: number
  readonly seconds: number
  readonly records_per_s: number
  readonly peak_rss_mb: number
  readonly backend: string
  readonly journal: string | null
}

export interface ChannelSummary {
  readonly sent: number
  readonly received: number
  readonly waiting: number
  readonly refused: number
  readonly dropped: number
  readonly conflated: number
  readonly blocked: number
  readonly blocked_ns: number
}

export interface SummaryInput {
  readonly engine: Engine
  readonly events: EventCounts
  readonly malformed: ReadonlyMap<string, number>
  /** Well-formed rows of recordings that were no records, by kind. */
  readonly leftOut?: ReadonlyMap<string, number>
  readonly toUnixNs: (atNs: number) => bigint
  readonly seconds: number
  readonly peakRssBytes: number
  readonly journal: string | null
}

export function summarize(input: SummaryInput): Summary {
  const { engine, seconds } = input
  const { books } = engine.outcome
  const { arbitration: counters, health, reservation, latency } = engine.figures()
  const { declined, submitted, opened, refused } = engine.order.counters
  const stamp = (atNs: number): bigint | null => (Number.isNaN(atNs) ? null : input.toUnixNs(atNs))
  return {
    records: engine.records,
    malformed: sorted(input.malformed),
    ...(input.leftOut === undefined || input.leftOut.size === 0 ? {} : { left_out: sorted(input.leftOut) }),
    first_ns: stamp(engine.firstNs),
    last_ns: stamp(engine.lastNs),
    events: input.events.toJson(),
    decisions: counters.decisions,
    multi_event_decisions: counters.multiEvent,
    selected: counters.selected,
    ...(engine.weightsVersion === 1 ? {} : { weights_version: engine.weightsVersion }),
    rejections: Object.fromEntries(health.rejections),
    trades: books.trades,
    pnl: toMoney(books.pnlMinor),
    fees: toMoney(books.feesMinor),
    funding: toMoney(books.fundingMinor),
    equity: {
      start: toMoney(books.startMinor),
      end: toMoney(books.equityMinor),
      max_drawdown: toMoney(books.maxDrawdownMinor),
    },
    sharpe: books.sharpe === null ? null : Number(books.sharpe.toPrecision(12)),
    ...healthOf(health),
    reservations: reservationsOf(reservation),
    orders: { declined, submitted, opened, refused: { ...refused } },
    ...strategiesOf(engine),
    latency: latencyOf(latency),
    ...(engine.flow === null ? {} : flowOf(engine.flow)),
    seconds: Number(seconds.toFixed(3)),
    records_per_s: seconds > 0 ? Math.round(engine.records / seconds) : 0,
    peak_rss_mb: Math.round(input.peakRssBytes / 1_048_576),
    backend: engine.region.backend,
    journal: input.journal,
  }
}

function healthOf(
  health: HealthFigures,
): Pick<Summary, 'starvation_events' | 'priority_inversions' | 'holder_waits' | 'service'> {
  const { events, totalNs, maxNs } = health.holderWaits
  const service = health.service.map(({ type, competed, served, meanWaitNs, p50WaitNs, p99WaitNs, maxWaitNs }) => {
    const wait = { mean_ns: meanWaitNs, p50_ns: p50WaitNs, p99_ns: p99WaitNs, max_ns: maxWaitNs }
    return [type, { competed, served, wait: served === 0 ? null : wait }] as const
  })
  return {
    starvation_events: health.starvationEvents,
    priority_inversions: health.priorityInversions,
    holder_waits: { events, total_ns: totalNs, max_ns: maxNs },
    service: Object.fromEntries(service),
  }
}

function reservationsOf({ granted, lost, denied, deniedBy, error }: ReservationCounters): Summary['reservations'] {
  return { granted, lost, denied, denied_by: { ...deniedBy }, error }
}

function strategiesOf(engine: Engine): Pick<Summary, 'strategies'> {
  const figures = engine.strategyFigures()
  if (figures.length === 0) return {}
  return { strategies: figures.map(({ pnlMinor, ...rest }) => ({ ...rest, pnl: toMoney(pnlMinor) })) }
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)))
}

function latencyOf(latency: EngineFigures['latency']): Summary['latency'] {
  // On free-running threads nobody sees a record come to rest.
  const isUnseen = latency.record.count === 0 && latency.state.count > 0
  const isTold = (name: string, count: number): boolean =>
    count > 0 || name === 'decision' || (name === 'record' && !isUnseen)
  return Object.fromEntries(
    Object.entries(latency)
      .filter(([name, { count }]) => isTold(name, count))
      .map(([name, { count, p50Ns, p99Ns, maxNs }]) => [name, { count, p50_ns: p50Ns, p99_ns: p99Ns, max_ns: maxNs }]),
  )
}

function flowOf(flow: FlowThreads): Pick<Summary, 'channels' | 'conflated_within' | 'undelivered' | 'held_max'> {
  const channels = Object.entries(flow.channelCounters()).map(([name, { blockedNs, ...counters }]) => [
    name,
    { ...counters, blocked_ns: blockedNs },
  ])
  return {
    channels: Object.fromEntries(channels) as Record<string, ChannelSummary>,
    conflated_within: flow.conflatedWithin,
    undelivered: flow.undelivered,
    held_max: flow.heldMax,
  }
}

/** One JSON object on one line; times as bare digits. */
export function summaryJson(summary: Summary): string {
  const holes: bigint[] = []
  const text = JSON.stringify(summary, (_key, value: unknown) => {
    if (typeof value !== 'bigint') return value
    holes.push(value)
    return `\u0000${holes.length - 1}`
  })
  return text.replace(/"\\u0000(\d+)"/g, (_match, index: string) => String(holes[Number(index)]))
}

/** Up to 3 significant digits with a unit: 740 ns, 12.4 µs, 3.1 ms. */
export function durationText(ns: number): string {
  // What rounds up to a thousand is one of the next unit.
  if (ns < 999.5) return `${Math.round(ns)} ns`
  if (ns < 999_500) return `${(ns / 1_000).toPrecision(3)} µs`
  if (ns < 999_500_000) return `${(ns / 1_000_000).toPrecision(3)} ms`
  return `${(ns / 1_000_000_000).toPrecision(3)} s`
}

/** A wait as a person reads it: 0 s, 12.4 s, 3.1 min, 2.5 h. */
export function waitText(ns: number): string {
  const seconds = ns / 1_000_000_000
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`
  if (seconds < 7_200) return `${(seconds / 60).toFixed(1)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}

const thousands = new Intl.NumberFormat('en-US')
const money = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

export function countText(count: number): string {
  return thousands.format(count)
}

export function moneyText(amount: number): string {
  return money.format(amount === 0 ? 0 : amount)
}

/** UTC, to the second, as a person reads it. */
export function timeText(unixNs: bigint): string {
  return new Date(Number(unixNs / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ')
}
