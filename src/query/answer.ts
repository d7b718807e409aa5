/** What programs give and get; no type of DuckDB, which they may not have, is among it. */
import type { PlainValue } from './value.ts'

export interface QueryOptions {
  /** Takes one line for each piece of the journal that could not be read and was left out. */
  readonly report?: (line: string) => void
  /** Ends the work: what is awaited then throws the signal's reason. */
  readonly signal?: AbortSignal
}

export interface AnswerColumn {
  readonly name: string
  /** As SQL writes it. */
  readonly type: string
}

export interface QueryAnswer {
  readonly columns: readonly AnswerColumn[]
  /** A value a column: BIGINT is a bigint, DECIMAL and times are strings with all their digits. */
  readonly rows: readonly (readonly PlainValue[])[]
}
