/** What a decision needs to know beside candidates and positions. Values; the caller may reuse one object. */
import type { TradingState } from '../domain/decision.ts'

export interface AccountState {
  /** Decision time, nanoseconds of the candidates' epoch. */
  readonly nowNs: number
  /** The whole capital, open positions included; minor units, an integer ≥ 0. */
  readonly capitalMinor: number
  /** Only `ACTIVE` admits entries. */
  readonly tradingState: TradingState
  /** How old the state is that the candidates come from, milliseconds. */
  readonly stateAgeMs: number
  /** Round robin's memory; −1: nothing was executed yet. */
  readonly lastExecutedTypeIndex: number
  /** The deficit queue's memory by type index, minor units; null: all 0. Read, never written. */
  readonly deficitsMinor: Float64Array | null
}
