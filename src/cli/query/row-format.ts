/** How an answer becomes text, a piece at a time. */
import type { AnswerColumn } from '../../query/answer.ts'

/** Of one answer: `begin`, then `rows` as often as there are some, then `end`; what they return is written in that order. */
export interface RowFormat {
  begin(columns: readonly AnswerColumn[]): string
  rows(rows: readonly (readonly unknown[])[]): string
  end(): string
}
