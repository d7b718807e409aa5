/**
 * The outcome stage: settles what the venue has finished. It frees the slot and books the P&L into the capital in one commit
 * of the ledger, and keeps the run's books.
 */
import { invariant } from '../../base/assert.ts'
import type { Emit, Stage } from '../../channel/stage.ts'
import type { PositionChange, PositionSettled } from '../../domain/message.ts'
import type { Reservations } from '../../region/reservations.ts'
import { Books } from './books.ts'

export class OutcomeStage implements Stage<PositionChange, PositionSettled> {
  readonly name = 'outcome'
  readonly books: Books
  readonly #reservations: Reservations

  constructor(reservations: Reservations, startCapitalMinor: number) {
    this.#reservations = reservations
    this.books = new Books(startCapitalMinor)
  }

  onBatch(changes: readonly PositionChange[], count: number, emit: Emit<PositionSettled>): void {
    for (let index = 0; index < count; index += 1) {
      const change = changes[index]!
      if (change.to !== 'closed' && change.to !== 'refused') continue
      const { position, outcome, refusal, atNs } = change
      const { token } = position.grant
      const released = this.#reservations.release(token, true, outcome?.pnlMinor ?? 0)
      invariant(released.ok, 'RES-4', `token ${token} cannot be released`)
      if (outcome !== null) this.books.record(outcome)
      emit({ kind: 'settled', position, outcome, refusal, atNs })
    }
  }
}
