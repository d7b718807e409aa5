/**
 * The interface of a detector: what finds events in the hot state. Public: a person may write their own.
 *
 * A detector makes one *watch* a symbol. The watch is shown its symbol's row after every record of that symbol, remembers what
 * it likes, and fires or advances at most one live event at a time. It reads the row and its context, nothing else (no clock, no
 * other symbol, no I/O): so it works from a snapshot that skips records, and a replay repeats it exactly. All calls come from
 * one thread.
 *
 * ```ts
 * const volumeSpike: Detector = {
 *   eventType: 'VOLUME_SPIKE',            // declared in the policy's `types`
 *   kind: 'spike',                        // events are named spike_BTC_1781654400032
 *   watch: () => ({
 *     step(row, context) {
 *       const last = row[hotFieldIndex.lastTicks]!
 *       const ratio = row[hotFieldIndex.volumeLots1s]! / row[hotFieldIndex.volumeLots1sLong]!
 *       if (context.live !== null || !(ratio > 50) || context.nowNs < context.lastEndedAtNs + 60e9) return
 *       context.fire({ side: 'long', priorityScore: 1 - 50 / ratio, targetTicks: Math.round(last * 1.004),
 *         stopTicks: Math.round(last * 0.998), winRate: 0.4, lifeNs: 120e9, evidence: { volume_ratio: ratio } })
 *     },
 *   }),
 * }
 * ```
 */
import type { Evidence, NextState } from '../../domain/detection-signal.ts'
import type { LifecycleState, Side } from '../../domain/event.ts'
import type { HotRow } from '../../domain/hot-state.ts'
import type { Instrument } from '../../domain/instrument.ts'

export type { Evidence, NextState }

/** What finds one type of event, on any symbol. */
export interface Detector {
  /** A built-in type or one that the policy declares. */
  readonly eventType: string
  /** Begins the ids of its events: 1–24 of `a`–`z`, `0`–`9` and `-`, a letter first; no other detector of the set has it. */
  readonly kind: string
  /** A fresh watch over one symbol. Called once a symbol, before its first row. */
  watch(instrument: Instrument): DetectorWatch
}

/** One detector's eyes and memory on one symbol. */
export interface DetectorWatch {
  /**
   * Looks at the symbol's row once. Called for every record of the symbol, so it must be quick (tens of nanoseconds while
   * nothing happens) and allocate nothing then. What it throws stops this watch for good and is reported (`failed`).
   *
   * @param row - Valid during the call. A field that is not known yet is NaN, and every comparison with NaN is false.
   */
  step(row: HotRow, context: DetectorContext): void
}

/** What a watch may ask and do during `step`; reused, never to be kept. */
export interface DetectorContext {
  readonly instrument: Instrument
  readonly symbolIndex: number
  /** Event time of the row, nanoseconds since the epoch. */
  readonly nowNs: number
  /** This watch's event that is still actionable; null when there is none. One that has expired is gone. */
  readonly live: LiveEvent | null
  /** When its last event ended (completed, invalidated or expired); −Infinity before the first. For cool-down. */
  readonly lastEndedAtNs: number
  /**
   * Registers an event at the row's time and last price, in state TRIGGERED.
   *
   * @returns False, and nothing happened, when the symbol's regime is not known yet, the same millisecond already had an
   * event of this watch (ids are never reused), or the last price is the lowest or highest there is: then no target or no stop
   * can lie beyond it.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` when an event is live already, or the draft is out of its ranges.
   */
  fire(draft: EventDraft): boolean
  /**
   * Moves the live event forward; COMPLETED and INVALIDATED end it.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` when no event is live, or the step is not a legal one.
   */
  advance(to: NextState, evidence?: Evidence): void
}

/** What a detector says of an event; the rest follows from row and symbol. Prices in ticks, around the row's last price. */
export interface EventDraft {
  readonly side: Side
  /** How clearly the evidence stands out, in [0, 1]; the detector documents what its number means. */
  readonly priorityScore: number
  /** Where the idea has come true, and where it has proved wrong: on opposite sides of the last price; integers ≥ 1. */
  readonly targetTicks: number
  readonly stopTicks: number
  /** Prior probability that the target is reached before the stop, in [0, 1]. */
  readonly winRate: number
  /** It expires so long after now; an integer > 0, nanoseconds. */
  readonly lifeNs: number
  /** The least capital with which acting on it makes sense, minor units, an integer ≥ 0; 0 by default. */
  readonly capitalRequiredMinor?: number
  readonly evidence: Evidence
}

/** An event between `fire` and its end, as its watch sees it. */
export interface LiveEvent {
  readonly eventId: string
  readonly side: Side
  readonly state: LifecycleState
  readonly detectedAtNs: number
  readonly expiresAtNs: number
  readonly referenceTicks: number
  readonly targetTicks: number
  readonly stopTicks: number
}
