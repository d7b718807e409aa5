/**
 * A run's journal as engine and command line know it, whichever thread it writes on; and the one that writes on the caller's own
 * (tests, small embedders). `journal-thread.ts` has the other.
 */
import { Journal } from '../journal/journal.ts'
import type { JournalPort } from '../journal/journal-frame.ts'
import type { RendererNames } from '../journal/renderer.ts'
import type { TrackingSetup } from '../stages/counterfactual/tracker.ts'
import type { TrackingPort } from '../stages/counterfactual/tracking-frames.ts'
import { JournalDesk } from './journal-desk.ts'
import type { JournalThreadAddress } from './journal-thread-port.ts'

/** How the writing goes. `stopped`: the disk refuses, lines wait; `full`: so much waits that new entries must not add to it. */
export type JournalHealth =
  | { readonly status: 'ok' }
  | { readonly status: 'stopped'; readonly errno: string }
  | { readonly status: 'full' }

export interface RunJournal {
  readonly folder: string
  /** The first decision sequence that this journal has never used. */
  readonly nextSequence: number
  /** True while new entries should be refused because of what waits: an observation already out of date. Cheap. */
  readonly wasFull: boolean
  /** The disk refuses, or the journal's thread has failed: whoever asks `settle` or sends a frame was told. */
  readonly isBroken: boolean
  /**
   * Says what numbers mean, once, before the first frame; frames go to the port.
   * @param tracking - With it the candidates of the decisions are followed: see {@link tracking}. Default null.
   */
  connect(names: RendererNames, tracking?: TrackingSetup | null): JournalPort
  /**
   * As {@link connect}, for a port on another thread, which is made there of the address. Null: this journal is written on the caller's
   * own thread, and cannot be reached from another.
   */
  connectAway(names: RendererNames, tracking?: TrackingSetup | null): JournalThreadAddress | null
  /** Where the tracker is told of the market, on the caller's thread; null before it is connected, and where nothing is tracked. */
  readonly tracking: TrackingPort | null
  /** After a batch of records: what was sent is on its way to the disk, or why not. */
  settle(): JournalHealth
  /** Writes and syncs what is left. @throws {SignalboxError} `ERR_IO` when the disk refuses. */
  close(): Promise<void>
  /** Lets go without waiting for the disk; after `close` it does nothing. */
  abandon(): Promise<void>
}

/** A plain journal is written on the caller's thread. */
export function runJournalOf(journal: Journal | RunJournal | null): RunJournal | null {
  return journal instanceof Journal ? new InlineJournal(journal) : journal
}

const ok: JournalHealth = { status: 'ok' }

/** Renders and writes on the caller's thread. */
export class InlineJournal implements RunJournal {
  tracking: TrackingPort | null = null
  readonly #journal: Journal

  /** @param journal - Opened with {@link journalSeries}. */
  constructor(journal: Journal) {
    this.#journal = journal
  }

  get folder(): string {
    return this.#journal.folder
  }

  get nextSequence(): number {
    return this.#journal.nextSequence
  }

  get wasFull(): boolean {
    return false
  }

  get isBroken(): boolean {
    return this.#journal.state === 'stopped'
  }

  connect(names: RendererNames, tracking: TrackingSetup | null = null): JournalPort {
    const desk = new JournalDesk(this.#journal, names, tracking)
    while (desk.recover());
    if (tracking !== null) {
      const port = new InlinePort((kind, payload, length) => desk.takeTracking(kind, payload, 0, length))
      // A plain journal is closed by whoever opened it, who knows nothing of this.
      const end = (): void => {
        if (this.#journal.state === 'closed') return
        desk.finish()
        if (this.#journal.flush().status === 'ok') desk.settled()
      }
      this.tracking = Object.assign(port, { end })
    }
    return new InlinePort((kind, payload, length) => desk.take(kind, payload, 0, length))
  }

  connectAway(): null {
    return null
  }

  settle(): JournalHealth {
    return this.#journal.pendingLines === 0 ? ok : this.#journal.flush()
  }

  async close(): Promise<void> {
    this.#journal.close()
  }

  async abandon(): Promise<void> {
    if (this.#journal.state !== 'closed') this.#journal.abandon()
  }
}

/** Hands each frame on as it is committed. */
class InlinePort implements JournalPort {
  payload = new Float64Array(4_096)
  readonly #take: (kind: number, payload: Float64Array, length: number) => void

  constructor(take: (kind: number, payload: Float64Array, length: number) => void) {
    this.#take = take
  }

  claim(length: number): number {
    if (length > this.payload.length) this.payload = new Float64Array(2 * length)
    return 0
  }

  commit(kind: number, length: number): void {
    this.#take(kind, this.payload, length)
  }
}
