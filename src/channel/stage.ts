/**
 * A stage: one step of the pipeline, unaware of threads. It is handed batches and emits messages; `pipeline/` decides on
 * which thread it runs and what lies between two stages (a queue inline, a channel across threads).
 */

/** Where a stage puts what it produced, in order. It reaches the next stage after the call that produced it has returned. */
export type Emit<Out> = (message: Out) => void

/**
 * One step of the pipeline. All calls come from one thread, never nested. A message that its sender reuses is valid only
 * during the call.
 */
export interface Stage<In, Out> {
  readonly name: string
  /** It is shown every market record before the state takes it. Fixed at construction; default false. */
  readonly seesMarket?: boolean
  /** Once, before the first batch. */
  onStart?(emit: Emit<Out>): void
  /** `messages[0 … count − 1]`, in order. */
  onBatch(messages: readonly In[], count: number, emit: Emit<Out>): void
  /** When `onIdle` wants to be called next, on the timeline; Infinity (or no such method): nothing falls due here. */
  nextDueNs?(): number
  /** Time has come to `nowNs` = `nextDueNs()`: what fell due runs, in order of its due time. */
  onIdle?(nowNs: number, emit: Emit<Out>): void
  /** Once, after the last batch, at time `nowNs`: drain and let go. */
  onStop?(nowNs: number, emit: Emit<Out>): void
}
