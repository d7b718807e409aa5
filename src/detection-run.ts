/**
 * Detection by itself: records in, lifecycle changes of events out. No region, no decisions, no account; `detect` drives it. One
 * thread.
 *
 * What it says is what the registry stage says in a replay of the same records, line by line, as long as the registry's table has
 * room and no strategy declines an event: an event that expires is INVALIDATED at its expiry, before the record that passes it,
 * earliest first, and what its detector says of it after that is not heard.
 */
import { SignalboxError } from './base/errors.ts'
import type { DetectedSignal, DetectionSignal, Evidence, TransitionSignal } from './domain/detection-signal.ts'
import type { LifecycleState } from './domain/event.ts'
import { hotFieldIndex as at, type HotRow } from './domain/hot-state.ts'
import type { Instrument } from './domain/instrument.ts'
import type { MarketRecord } from './domain/market.ts'
import type { Timeline } from './domain/units.ts'
import type { Detector } from './stages/detection/detector.ts'
import { DetectorSet } from './stages/detection/detector-set.ts'
import { MarketState } from './stages/state/market-state.ts'

/** An event as its detector fired it. */
export type DetectedEvent = Omit<DetectedSignal, 'kind'>

/** An event was detected or moved. */
export interface DetectedChange {
  readonly event: DetectedEvent
  readonly state: LifecycleState
  /** On the timeline. */
  readonly atNs: number
  readonly cause: 'detector' | 'expiry'
  /** Of this change: what fired it, or what moved it. */
  readonly evidence: Evidence
  /** The last trade before or at `atNs`. */
  readonly lastTicks: number
}

export interface DetectionRunOptions {
  /** By symbol index. */
  readonly instruments: readonly Instrument[]
  readonly timeline: Timeline
  readonly eventTypes: readonly string[]
  readonly detectors: readonly Detector[]
  /** Takes each change before the call that caused it returns. */
  readonly onChange: (change: DetectedChange) => void
  /** Takes one line when a detector threw and was stopped. */
  readonly report: (line: string) => void
}

/** What stands as the evidence of an end that no detector said; the registry stage writes the same. */
const expired: Evidence = Object.freeze({ expired: 1 })

export class DetectionRun {
  readonly #state: MarketState
  readonly #detectors: DetectorSet
  readonly #onChange: (change: DetectedChange) => void
  readonly #report: (line: string) => void
  /** Events that may still move, by id, in the order of their detection. */
  readonly #live = new Map<string, DetectedEvent>()
  #nextExpiryNs = Number.POSITIVE_INFINITY
  #records = 0

  /** @throws {SignalboxError} `ERR_INPUT` for detectors that do not go together, as `DetectorSet`. */
  constructor(options: DetectionRunOptions) {
    const { instruments, timeline, eventTypes, detectors } = options
    this.#state = new MarketState(instruments.length)
    this.#detectors = new DetectorSet({
      instruments,
      timeline,
      eventTypes,
      detectors,
      emit: (signal) => this.#hear(signal),
    })
    this.#onChange = options.onChange
    this.#report = options.report
  }

  /** Records taken; warm-up is not counted. */
  get records(): number {
    return this.#records
  }

  /** A symbol's hot state as of its newest record, a view. */
  row(symbolIndex: number): HotRow {
    return this.#state.row(symbolIndex)
  }

  /** Applies one record to the hot state only: nothing is detected. Before the first `process`. */
  warmUp(record: MarketRecord): void {
    this.#state.apply(record)
  }

  /** Takes one record. Records come in time order; it is not kept. */
  process(record: MarketRecord): void {
    this.#records += 1
    if (this.#nextExpiryNs <= record.atNs) this.#expire(record.atNs)
    this.#state.apply(record)
    this.#detectors.step(record.symbolIndex, this.#state.row(record.symbolIndex))
  }

  #hear(signal: DetectionSignal): void {
    switch (signal.kind) {
      case 'detected':
        this.#begin(signal)
        break
      case 'transition':
        this.#move(signal)
        break
      case 'failed':
        this.#report(signal.error.message)
        break
    }
  }

  #begin(signal: DetectedSignal): void {
    const { kind: _kind, ...event } = signal
    this.#live.set(event.eventId, event)
    this.#nextExpiryNs = Math.min(this.#nextExpiryNs, event.expiresAtNs)
    this.#say(event, 'TRIGGERED', event.detectedAtNs, 'detector', event.evidence)
  }

  #move(signal: TransitionSignal): void {
    const event = this.#live.get(signal.eventId)
    if (event === undefined) return
    if (signal.to === 'COMPLETED' || signal.to === 'INVALIDATED') this.#live.delete(signal.eventId)
    this.#say(event, signal.to, signal.atNs, 'detector', signal.evidence)
  }

  #expire(nowNs: number): void {
    // The sort is stable: of equal expiries the first detected ends first, as in the registry.
    const over = [...this.#live.values()]
      .filter((event) => event.expiresAtNs <= nowNs)
      .sort((one, other) => one.expiresAtNs - other.expiresAtNs)
    for (const event of over) {
      this.#live.delete(event.eventId)
      this.#say(event, 'INVALIDATED', event.expiresAtNs, 'expiry', expired)
    }
    this.#nextExpiryNs = Number.POSITIVE_INFINITY
    for (const event of this.#live.values()) this.#nextExpiryNs = Math.min(this.#nextExpiryNs, event.expiresAtNs)
  }

  #say(
    event: DetectedEvent,
    state: LifecycleState,
    atNs: number,
    cause: DetectedChange['cause'],
    evidence: Evidence,
  ): void {
    const lastTicks = this.#state.row(event.symbolIndex)[at.lastTicks]!
    this.#onChange({ event, state, atNs, cause, evidence, lastTicks })
  }
}

/**
 * Everything that detectors say of some records, in order: the harness for testing a detector (records in, expected events out).
 *
 * @param records - In time order, of the instruments' symbols; each is used before the next is asked for.
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the detector when one throws; as {@link DetectionRun} otherwise.
 */
export function changesIn(
  records: Iterable<MarketRecord>,
  options: Omit<DetectionRunOptions, 'onChange' | 'report'>,
): DetectedChange[] {
  const changes: DetectedChange[] = []
  const run = new DetectionRun({
    ...options,
    onChange: (change) => changes.push(change),
    report: (line) => {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', line, { field: 'detectors' })
    },
  })
  for (const record of records) run.process(record)
  return changes
}
