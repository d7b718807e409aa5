/** Where an engine reaches its journal: on the thread of its own stages, or from others. On the engine's thread. */
import type { EngineConfig } from './config.ts'
import type { Instrument } from './domain/instrument.ts'
import { requireReachable } from './engine-options.ts'
import type { Journal } from './journal/journal.ts'
import type { JournalPort } from './journal/journal-frame.ts'
import type { RendererNames } from './journal/renderer.ts'
import type { JournalThreadAddress } from './pipeline/journal-thread-port.ts'
import { type RunJournal, runJournalOf } from './pipeline/run-journal.ts'
import type { TrackingPort } from './stages/counterfactual/tracking-frames.ts'

export interface JournalEnds {
  /** Where the stages of the engine's own thread write; null: nothing is journalled, or others write. */
  readonly port: JournalPort | null
  /** Where stages of another thread write. */
  readonly address: JournalThreadAddress | null
  /** Where the tracker is told of the market, on the engine's thread; null: nothing is tracked. */
  readonly tracking: TrackingPort | null
  /** The first decision sequence that the journal has never used. */
  readonly firstSequence: number
}

/**
 * @param isInline - All stages run on the engine's own thread.
 * @param isSupposed - The strategies are where the decisions are made, so that they can be asked about what was rejected.
 * @throws {SignalboxError} `ERR_INPUT` for a journal that other threads cannot reach.
 */
export function journalEndsOf(
  given: Journal | RunJournal | null,
  names: RendererNames,
  config: EngineConfig,
  instruments: readonly Instrument[],
  isInline: boolean,
  isSupposed: boolean,
): JournalEnds {
  const journal = runJournalOf(given)
  if (journal === null) return { port: null, address: null, tracking: null, firstSequence: 1 }
  const { policy, fill, eventCapacity, positionsMax, counterfactuals } = config
  const { pendingMax, isTracked } = counterfactuals
  const tracking = isTracked ? { policy, instruments, fill, eventCapacity, positionsMax, pendingMax, isSupposed } : null
  const port = isInline ? journal.connect(names, tracking) : null
  const address = isInline ? null : requireReachable(journal.connectAway(names, tracking))
  return { port, address, tracking: journal.tracking, firstSequence: journal.nextSequence }
}
