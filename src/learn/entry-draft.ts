/**
 * One counterfactual entry on its way from a line into the store: numbers as they are, texts as places in the bytes of a line.
 * Filled by `entry-scanner.ts` or `entry-line.ts`, taken by `entry-store.ts`; used again for every line. One thread.
 */

/** Where a candidate's numbers stand among its own. A text is two of them, its start and its end; a start of −1 is null. */
export const draftField = Object.freeze({
  priorityScore: 0,
  freshness: 1,
  regimeAlignment: 2,
  expectedValue: 3,
  ageBonus: 4,
  score: 5,
  /** NaN: no outcome. */
  pnl: 6,
  /** NaN: none. */
  simulatedPnl: 7,
  /** NaN: null. */
  opportunityCost: 8,
  detectedSeconds: 9,
  detectedRestNs: 10,
  tier: 11,
  isAdmissible: 12,
  /** 0: none; else its place in `filterNames` + 1. */
  filter: 13,
  eventId: 14,
  eventType: 16,
  symbol: 18,
  exitReason: 20,
  reason: 22,
  /** Milliseconds; 0: the outcome does not say, or there is none. */
  holdMs: 24,
})
export const draftStride = 25

export class EntryDraft {
  /** What texts are places in. */
  bytes: Uint8Array = new Uint8Array(0)
  /** Start and end of each. */
  readonly arbitrationId = new Int32Array(2)
  readonly selectionReason = new Int32Array(2)
  /** A start of −1: null. */
  readonly regime = new Int32Array(2)
  timestampSeconds = 0
  /** 0 … 999,999,999, after the seconds. */
  timestampRestNs = 0
  readonly weights = new Float64Array(4)
  selectedCount = 0
  rejectedCount = 0
  /** Candidate k's numbers from k × {@link draftStride} on, the selected first. */
  candidates = new Float64Array(16 * draftStride)

  clear(bytes: Uint8Array): void {
    this.bytes = bytes
    this.selectedCount = 0
    this.rejectedCount = 0
  }

  /** Makes room for one more. @returns Where its numbers begin. */
  addCandidate(isSelected: boolean): number {
    const start = (this.selectedCount + this.rejectedCount) * draftStride
    if (start + draftStride > this.candidates.length) {
      const grown = new Float64Array(this.candidates.length * 2)
      grown.set(this.candidates)
      this.candidates = grown
    }
    // What not every line has.
    this.candidates[start + draftField.simulatedPnl] = Number.NaN
    this.candidates[start + draftField.reason] = -1
    this.candidates[start + draftField.holdMs] = 0
    if (isSelected) this.selectedCount += 1
    else this.rejectedCount += 1
    return start
  }
}
