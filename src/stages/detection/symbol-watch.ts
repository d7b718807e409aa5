/**
 * One detector on one symbol: runs its watch, keeps its live event's lifecycle, makes its signals. Owned by the
 * {@link DetectorSet}; one thread. It is the watch's context itself, so that a step allocates nothing.
 */
import { requireInteger, requireNumber } from '../../base/assert.ts'
import { messageOf, SignalboxError } from '../../base/errors.ts'
import {
  type DetectionSignal,
  evidenceCountMax,
  evidenceCountOf,
  evidenceNameBytesMax,
} from '../../domain/detection-signal.ts'
import { isLegalTransition, type LifecycleState, lifecycle } from '../../domain/event.ts'
import { hotFieldIndex as at, type HotRow } from '../../domain/hot-state.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { regimes } from '../../domain/regime.ts'
import type { Timeline } from '../../domain/units.ts'
import type {
  Detector,
  DetectorContext,
  DetectorWatch,
  EventDraft,
  Evidence,
  LiveEvent,
  NextState,
} from './detector.ts'

/** What a live event is to its keeper: the state moves. */
interface KeptEvent extends LiveEvent {
  state: LifecycleState
}

const noEvidence: Evidence = Object.freeze({})
/** Of UTF-8, of a unit of a string. */
const bytesPerUnitMax = 3

export class SymbolWatch implements DetectorContext {
  readonly instrument: Instrument
  readonly symbolIndex: number
  nowNs = Number.NaN
  lastEndedAtNs = Number.NEGATIVE_INFINITY
  readonly #detector: Detector
  readonly #typeIndex: number
  readonly #timeline: Timeline
  readonly #emit: (signal: DetectionSignal) => void
  /** Null once it threw. */
  #watch: DetectorWatch | null
  #live: KeptEvent | null = null
  #row: HotRow | null = null
  #lastDetectedMs = Number.NaN

  constructor(
    detector: Detector,
    typeIndex: number,
    instrument: Instrument,
    symbolIndex: number,
    timeline: Timeline,
    emit: (signal: DetectionSignal) => void,
  ) {
    this.instrument = instrument
    this.symbolIndex = symbolIndex
    this.#detector = detector
    this.#typeIndex = typeIndex
    this.#timeline = timeline
    this.#emit = emit
    this.#watch = detector.watch(instrument)
  }

  get live(): LiveEvent | null {
    return this.#live
  }

  /** One step of the watch on its symbol's row; never throws what the watch throws. */
  step(row: HotRow): void {
    const watch = this.#watch
    if (watch === null) return
    this.nowNs = row[at.updatedAtNs]!
    if (this.#live !== null && this.nowNs >= this.#live.expiresAtNs) {
      // The registry invalidates it at that instant; here it only stops being live.
      this.lastEndedAtNs = this.#live.expiresAtNs
      this.#live = null
    }
    this.#row = row
    try {
      watch.step(row, this)
    } catch (thrown) {
      this.#fail(thrown)
    }
    this.#row = null
  }

  fire(draft: EventDraft): boolean {
    const row = this.#requireStep('fire')
    if (this.#live !== null) {
      throw this.#misuse('fire', `event ${this.#live.eventId} is live: at most one a watch`)
    }
    const referenceTicks = row[at.lastTicks]!
    if (referenceTicks === 1 || referenceTicks === Number.MAX_SAFE_INTEGER) return false
    this.#requireDraft(draft, referenceTicks)
    const detectedMs = this.#timeline.toUnixMs(this.nowNs)
    const regime = regimes[row[at.regime]!]
    if (regime === undefined || detectedMs === this.#lastDetectedMs) return false
    this.#lastDetectedMs = detectedMs
    const symbol = this.instrument.symbol
    const event: KeptEvent = {
      eventId: `${this.#detector.kind}_${symbol}_${detectedMs}`,
      side: draft.side,
      state: 'TRIGGERED',
      detectedAtNs: this.nowNs,
      expiresAtNs: this.nowNs + draft.lifeNs,
      referenceTicks,
      targetTicks: draft.targetTicks,
      stopTicks: draft.stopTicks,
    }
    this.#live = event
    this.#emit({
      kind: 'detected',
      eventId: event.eventId,
      eventType: this.#detector.eventType,
      typeIndex: this.#typeIndex,
      symbol,
      symbolIndex: this.symbolIndex,
      side: draft.side,
      detectedAtNs: event.detectedAtNs,
      waitingSinceNs: event.detectedAtNs,
      expiresAtNs: event.expiresAtNs,
      priorityScore: draft.priorityScore,
      regime,
      rewardRisk: Math.abs(draft.targetTicks - referenceTicks) / Math.abs(referenceTicks - draft.stopTicks),
      winRate: draft.winRate,
      capitalRequiredMinor: draft.capitalRequiredMinor ?? 0,
      referenceTicks,
      targetTicks: draft.targetTicks,
      stopTicks: draft.stopTicks,
      evidence: draft.evidence,
    })
    return true
  }

  advance(to: NextState, evidence: Evidence = noEvidence): void {
    this.#requireStep('advance')
    const event = this.#live
    if (event === null) throw this.#misuse('advance', `no event is live, so none can become ${to}`)
    if (!isLegalTransition(lifecycle[event.state], lifecycle[to])) {
      throw this.#misuse('advance', `${event.eventId} cannot go from ${event.state} to ${to}`)
    }
    this.#requireEvidence(evidence)
    this.#moveTo(event, to, evidence)
  }

  #moveTo(event: KeptEvent, to: NextState, evidence: Evidence): void {
    event.state = to
    if (to === 'COMPLETED' || to === 'INVALIDATED') {
      this.#live = null
      this.lastEndedAtNs = this.nowNs
    }
    this.#emit({
      kind: 'transition',
      eventId: event.eventId,
      symbolIndex: this.symbolIndex,
      to,
      atNs: this.nowNs,
      evidence,
    })
  }

  #fail(thrown: unknown): void {
    this.#watch = null
    if (this.#live !== null) this.#moveTo(this.#live, 'INVALIDATED', noEvidence)
    const { symbol } = this.instrument
    this.#emit({
      kind: 'failed',
      detectorKind: this.#detector.kind,
      symbol,
      symbolIndex: this.symbolIndex,
      atNs: this.nowNs,
      error: new SignalboxError(
        'ERR_INVALID_ARGUMENT',
        `detector ${this.#detector.kind} on ${symbol} is stopped: ${messageOf(thrown)}`,
        { field: this.#detector.kind, cause: thrown },
      ),
    })
  }

  #requireDraft(draft: EventDraft, referenceTicks: number): void {
    requireNumber('priorityScore', draft.priorityScore, 0, 1)
    requireNumber('winRate', draft.winRate, 0, 1)
    requireInteger('lifeNs', draft.lifeNs, 1, Number.MAX_SAFE_INTEGER)
    requireInteger('capitalRequiredMinor', draft.capitalRequiredMinor ?? 0, 0, Number.MAX_SAFE_INTEGER)
    requireInteger('lastTicks', referenceTicks, 1, Number.MAX_SAFE_INTEGER)
    const { side, targetTicks, stopTicks } = draft
    if (side === 'long') {
      requireInteger('stopTicks', stopTicks, 1, referenceTicks - 1)
      requireInteger('targetTicks', targetTicks, referenceTicks + 1, Number.MAX_SAFE_INTEGER)
    } else {
      requireInteger('targetTicks', targetTicks, 1, referenceTicks - 1)
      requireInteger('stopTicks', stopTicks, referenceTicks + 1, Number.MAX_SAFE_INTEGER)
    }
    this.#requireEvidence(draft.evidence)
  }

  /** What is said of a name is made only where it is refused. */
  #requireEvidence(evidence: Evidence): void {
    if (typeof evidence !== 'object' || evidence === null) {
      throw this.#misuse('evidence', 'it must be an object of numbers by name')
    }
    requireInteger('evidence: its numbers', evidenceCountOf(evidence), 0, evidenceCountMax)
    for (const name in evidence) {
      if (!Object.hasOwn(evidence, name)) continue
      const bytes = name.length * bytesPerUnitMax <= evidenceNameBytesMax ? 0 : Buffer.byteLength(name)
      if (bytes <= evidenceNameBytesMax && Number.isFinite(evidence[name])) continue
      requireInteger(`evidence.${name}: the bytes of the name`, bytes, 0, evidenceNameBytesMax)
      requireNumber(`evidence.${name}`, evidence[name]!, -Number.MAX_VALUE, Number.MAX_VALUE)
    }
  }

  #requireStep(call: string): HotRow {
    if (this.#row === null) throw this.#misuse(call, 'the context is valid only during step')
    return this.#row
  }

  #misuse(call: string, message: string): SignalboxError {
    return new SignalboxError('ERR_INVALID_ARGUMENT', `${this.#detector.kind}: ${call}: ${message}`, { field: call })
  }
}
