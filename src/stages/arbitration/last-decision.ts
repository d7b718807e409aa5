/** The decision before, as far as it tells a repeat: candidates in rank order, who was selected, every reason. One thread. */
import type { DecisionView } from '../../decide/decision-view.ts'

export class LastDecision {
  readonly #handles: Float64Array
  readonly #rejections: Uint8Array
  #count = -1
  #selectionReason = -1

  /** @param capacity - The most candidates of one decision. */
  constructor(capacity: number) {
    this.#handles = new Float64Array(capacity)
    this.#rejections = new Uint8Array(capacity)
  }

  /** There are no candidates: whatever is decided next is new. */
  forget(): void {
    this.#count = -1
  }

  /**
   * True if the decision has the same candidates in the same ranks, selection and reasons as the one before; otherwise it
   * takes that one's place.
   *
   * @param handles - The events' handles by candidate index.
   */
  isRepeat(view: DecisionView, handles: Float64Array): boolean {
    let isSame = view.count === this.#count && view.selectionReason === this.#selectionReason
    for (let rank = 0; rank < view.count; rank += 1) {
      const candidate = view.order[rank]!
      const handle = handles[candidate]!
      // 0 is no reason: the selected.
      const rejection = view.rejection[candidate]!
      if (this.#handles[rank] !== handle || this.#rejections[rank] !== rejection) isSame = false
      this.#handles[rank] = handle
      this.#rejections[rank] = rejection
    }
    this.#count = view.count
    this.#selectionReason = view.selectionReason
    return isSame
  }
}
