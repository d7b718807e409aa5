/** What `signalbox tune` has to say, however it is said. Plain values. */
import type { TuningRules } from '../../domain/tuning-rules.ts'
import type { NumberedWeightSet } from '../../domain/weight-set.ts'
import type { ArbitrationSet } from '../../learn/tuning/arbitration-set.ts'
import type { NextWeights } from '../../learn/tuning/next-weights.ts'
import type { Tuning } from '../../learn/tuning/tuning.ts'
import type { SearchName } from '../../learn/tuning/tuning-request.ts'
import type { WholeWeights } from '../../learn/tuning/weight-lattice.ts'
import type { Standing } from './challenge-text.ts'

/** What a search came to: what is printed as JSON, and noted beside the journal. */
export interface TuneFindings {
  readonly search: SearchName
  readonly tuning: Tuning
  /** In percents, by regime: where one has weights of its own in force. */
  readonly currentByRegime: Readonly<Record<string, WholeWeights>>
  readonly rules: TuningRules
  /** From the first arbitration that takes part to the last one, Unix seconds; null: there is none. */
  readonly span: TimeSpan | null
  /** The journal's newest weight set, from which a step goes; null: none, the current weights are. */
  readonly inForce: NumberedWeightSet | null
  /** What a step leads to; null: keep. */
  readonly next: NextWeights | null
  /** Null: no comparison goes on. */
  readonly standing: Standing | null
  /** Null: nobody asked for it. */
  readonly replayed: Replayed | null
  /** Null: nobody asked for it. */
  readonly application: Application | null
}

/** Both ends inclusive, Unix seconds. */
export interface TimeSpan {
  readonly fromSeconds: number
  readonly toSeconds: number
}

/** The same for a person who asked, and what it was asked of. */
export interface TuneResult extends TuneFindings {
  /** The folder or file that was read. */
  readonly journal: string
  /** Lines that were no entries. */
  readonly skipped: number
  /** Of the last entry in place order, Unix nanoseconds; 0: there is none. */
  readonly newestNs: bigint
  /** Options that the same answer needs, each with a blank before it. */
  readonly options: string
  /** When the next step may be taken, Unix milliseconds; −∞: at once. */
  readonly stepDueMs: number
}

/** Of the arbitrations that take part; null: there is none. */
export function spanOf({ count, atSeconds }: ArbitrationSet): TimeSpan | null {
  return count === 0 ? null : { fromSeconds: atSeconds[0]!, toSeconds: atSeconds[count - 1]! }
}

/** The whole engine over recordings, once with either weights. */
export interface Replayed {
  /** Recordings. */
  readonly files: number
  readonly current: ReplayFigures
  readonly found: ReplayFigures
}

/** Money in units of the quote currency. */
export interface ReplayFigures {
  /** Shares of 1. */
  readonly weights: WholeWeights
  readonly decisions: number
  readonly selected: number
  readonly trades: number
  readonly pnl: number
  readonly fees: number
  readonly funding: number
  readonly equity: { readonly start: number; readonly end: number; readonly max_drawdown: number }
  /** Null below 30 trades. */
  readonly sharpe: number | null
}

/** What became of `--apply`. */
export type Application =
  | { readonly status: 'applied'; readonly set: NumberedWeightSet }
  | { readonly status: 'refused'; readonly why: string; readonly remedy: string }
