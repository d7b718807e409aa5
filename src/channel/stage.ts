/**
 * A stage: one step of the pipeline, unaware of threads. It is handed batches and emits messages; `pipeline/` decides on
 * which thread it runs and what lies between two stages (a direct call inline, a channel across threads).
 */

/** Where a stage puts what it produced. In order, before the call that produced it returns. */
export type Emit<Out> = (message: Out) => void

/**
 * One step of the pipeline. All calls come from one thread, never nested. A message that is reused by its sender is valid
 * only during the call.
 */
export interface Stage<In, Out> {
  readonly name: string
  /** Once, before the first batch. */
  onStart?(emit: Emit<Out>): void
  /** `messages[0 … count − 1]`, in order. */
  onBatch(messages: readonly In[], count: number, emit: Emit<Out>): void
  /** Time has come to `nowNs` without a message: what fell due runs, in order of its due time. */
  onIdle?(nowNs: number, emit: Emit<Out>): void
  /** Once, after the last batch: drain and let go. */
  onStop?(emit: Emit<Out>): void
}
