/**
 * One Parquet file's rows of one venue as a source of the merge. DuckDB puts them in the order of the times at which they are told and
 * hands out a chunk of 2,048 at a time: JavaScript holds one chunk and one block, whatever the file's size. One thread.
 */

import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDbSession } from '../../../base/duckdb.ts'
import { isLeftOut } from '../left-out.ts'
import type { RecordSource } from '../record-source.ts'
import type { RowBlock } from '../row-block.ts'
import { unixMsMax, unixMsMin } from '../row-fields.ts'
import { type IntakeOptions, RowIntake } from '../row-intake.ts'
import type { RunSymbols } from '../run-symbols.ts'
import { parquetColumns, seriesColumns } from './columns.ts'
import { toParquetError } from './format.ts'
import { type RowsQuery, rowColumns, rowsQuery } from './query.ts'
import { type ParquetRow, type ParquetRows, parquetRows, type RowVerdict } from './rows.ts'

const columnOf = Object.fromEntries(rowColumns.map((name, index) => [name, index])) as Record<
  (typeof rowColumns)[number],
  number
>

const anotherSymbol = Symbol('another symbol')

export interface ParquetSourceOptions extends IntakeOptions {
  readonly symbols: RunSymbols
}

export class ParquetSource implements RecordSource {
  readonly block: RowBlock
  readonly sizeBytes: number
  cursor = 0
  isUnreadable = false

  readonly #session: DuckDbSession
  readonly #query: RowsQuery
  /** Rows that the query will answer, for `bytesRead`. */
  readonly #rowsTotal: number
  readonly #symbols: RunSymbols
  readonly #intake: RowIntake
  readonly #rows: ParquetRows
  readonly #row: ParquetRow = { toldMs: 0, atUs: 0, values: [null, null, null, null, null], text: null }
  #connection: DuckDBConnection | null = null
  #result: DuckDBResult | null = null
  #chunk: DuckDBDataChunk | null = null
  #next = 0
  /** Records of the row that was read last, not yet brought. */
  #pending = 0
  #rowsRead = 0
  #isAtEnd = false

  constructor(
    session: DuckDbSession,
    query: RowsQuery,
    size: { readonly sizeBytes: number; readonly rowsTotal: number },
    options: ParquetSourceOptions,
  ) {
    const example = `rows of ${[...seriesColumns, ...parquetColumns[query.format]].join(', ')}`
    const intake = new RowIntake(query.path, { example, reorder: null }, options)
    this.block = intake.block
    this.sizeBytes = size.sizeBytes
    this.#session = session
    this.#query = query
    this.#rowsTotal = size.rowsTotal
    this.#symbols = options.symbols
    this.#intake = intake
    this.#rows = parquetRows(query.format, query.venue, intake)
  }

  get bytesRead(): number {
    if (this.#isAtEnd) return this.sizeBytes
    return this.#rowsTotal === 0 ? 0 : Math.floor((this.sizeBytes * this.#rowsRead) / this.#rowsTotal)
  }

  async fill(): Promise<void> {
    const intake = this.#intake
    intake.begin()
    this.cursor = 0
    for (;;) {
      while (!intake.isFull && intake.failure === null && this.#readNext());
      if (intake.isFull) return
      if (intake.failure !== null) {
        if (this.block.count > 0) return
        throw intake.failure
      }
      if (this.#isAtEnd) return
      await this.#advance()
    }
  }

  async close(): Promise<void> {
    this.#intake.drop()
    this.#chunk = null
    this.#result = null
    this.#connection?.closeSync()
    this.#connection = null
  }

  /** One record further, or one row that is none; false at the end of the chunk. */
  #readNext(): boolean {
    if (this.#pending > 0) {
      this.#rows.bring(this.#rows.recordsPerRow - this.#pending)
      this.#pending -= 1
      return true
    }
    const chunk = this.#chunk
    if (chunk === null || this.#next === chunk.rowCount) return false
    this.#read(chunk, this.#next)
    this.#next += 1
    this.#rowsRead += 1
    return true
  }

  async #advance(): Promise<void> {
    try {
      if (this.#result === null) {
        this.#connection = await this.#session.connect()
        this.#result = await this.#connection.stream(rowsQuery(this.#query))
      }
      const chunk = await this.#result.fetchChunk()
      this.#chunk = chunk
      this.#next = 0
      if (chunk !== null && chunk.rowCount > 0) return
      this.#isAtEnd = true
      this.#intake.end()
    } catch (error) {
      this.#intake.failure = toParquetError(this.#query.path, error)
      this.isUnreadable = true
    }
  }

  #read(chunk: DuckDBDataChunk, at: number): void {
    const verdict = this.#judge(chunk, at)
    if (verdict === null) this.#pending = this.#rows.recordsPerRow
    else if (verdict === anotherSymbol) this.#intake.passOver()
    else if (isLeftOut(verdict)) this.#intake.leaveOut(verdict)
    else this.#intake.refuse(verdict)
  }

  #judge(chunk: DuckDBDataChunk, at: number): RowVerdict | typeof anotherSymbol {
    const numberAt = (column: number): number | null => chunk.getColumnVector(column).getItem(at) as number | null
    const textAt = (column: number): string | null => chunk.getColumnVector(column).getItem(at) as string | null
    const row = this.#row
    this.#intake.line = numberAt(columnOf.line)!
    const toldMs = numberAt(columnOf.told_ms)
    if (toldMs === null) return 'missing_ts'
    if (toldMs < unixMsMin || toldMs > unixMsMax) return 'bad_ts'
    if (textAt(columnOf.venue) === null) return 'missing_venue'
    const symbol = this.#symbols.find(textAt(columnOf.coin))
    if (symbol === null) return anotherSymbol
    if (typeof symbol === 'string') return symbol
    row.toldMs = toldMs
    row.atUs = numberAt(columnOf.at_us)!
    for (let value = 0; value < row.values.length; value += 1) row.values[value] = numberAt(columnOf.a + value)
    row.text = textAt(columnOf.text)
    return this.#rows.read(row, symbol)
  }
}
