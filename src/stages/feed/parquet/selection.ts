/**
 * What a run takes of the Parquet files that it was given: one venue, a range of time, some coins. It is checked before the first record,
 * and owns the DuckDB session that the sources read through. One thread.
 *
 * One venue, because the same coin at two venues is two markets. At most 90 days, because a run counts nanoseconds from its first
 * midnight in doubles, which are exact for 104.
 */

import { DuckDbSession } from '../../../base/duckdb.ts'
import { inputError } from '../../../base/errors.ts'
import { msPerDay } from '../../../domain/units.ts'
import type { RecordSource } from '../record-source.ts'
import type { RecordingFile } from '../recording-file.ts'
import { RunSymbols } from '../run-symbols.ts'
import { isParquetFormat, type ParquetFormat } from './columns.ts'
import { parquetNeed, toParquetError } from './format.ts'
import { type RowsQuery, seriesQuery, spanQuery } from './query.ts'
import { ParquetSource, type ParquetSourceOptions } from './source.ts'

/** How long a run on Parquet files may be. */
export const parquetDaysMax = 90
export const defaultSourceVenue = 'hyperliquid'

export interface SelectionOptions {
  readonly venue: string
  /** Null: every coin that the venue has in the range. */
  readonly symbols: readonly string[] | null
  /** Those of them that no other recording of the run may hold. */
  readonly requiredSymbols: readonly string[]
  readonly fromUnixMs: number
  readonly untilUnixMs: number
}

interface Span {
  firstMs: number
  lastMs: number
}

type ParquetFile = RecordingFile & { readonly format: ParquetFormat }

export class ParquetSelection {
  /** The venue's coins that have a row in the range. */
  readonly coins: ReadonlySet<string>
  readonly #session: DuckDbSession
  readonly #queries: ReadonlyMap<string, { readonly query: RowsQuery; readonly rowsTotal: number }>

  private constructor(
    session: DuckDbSession,
    coins: ReadonlySet<string>,
    queries: ReadonlyMap<string, { query: RowsQuery; rowsTotal: number }>,
  ) {
    this.#session = session
    this.coins = coins
    this.#queries = queries
  }

  /**
   * The selection of a run's Parquet files; null when it has none.
   * @throws {SignalboxError} `ERR_INPUT` naming the option and what is known: another venue or coin than the files', more than
   *   {@link parquetDaysMax} days; or the file that cannot be read.
   */
  static async open(all: readonly RecordingFile[], options: SelectionOptions): Promise<ParquetSelection | null> {
    const files = all.filter((file): file is ParquetFile => isParquetFormat(file.format))
    if (files.length === 0) return null
    const session = await DuckDbSession.open(parquetNeed(files[0]!.path))
    try {
      await requireKnown(session, files, options)
      const { venue, fromUnixMs, untilUnixMs } = options
      const candlePaths = files.filter(({ format }) => format === 'parquet_candles').map(({ path }) => path)
      const coins = new Set<string>()
      const span = { firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY }
      const queries = new Map<string, { query: RowsQuery; rowsTotal: number }>()
      for (const { path, format } of files) {
        const query = { path, format, venue, fromUnixMs, untilUnixMs, candlePaths }
        let rowsTotal = 0
        for (const [coin, firstMs, lastMs, rows] of await askFile<SpanRow>(session, path, spanQuery(query))) {
          rowsTotal += rows
          if (firstMs === null || lastMs === null || !isSymbol(coin)) continue // every row of it is malformed
          if (options.symbols !== null && !options.symbols.includes(coin)) continue
          coins.add(coin)
          span.firstMs = Math.min(span.firstMs, firstMs)
          span.lastMs = Math.max(span.lastMs, lastMs)
        }
        queries.set(path, { query, rowsTotal })
      }
      requireShort(span)
      return new ParquetSelection(session, coins, queries)
    } catch (error) {
      session.close()
      throw error
    }
  }

  /** Makes the source of one of the selection's files; nothing is read before its first `fill`. */
  sourceOf({ path, sizeBytes }: RecordingFile, options: ParquetSourceOptions): RecordSource {
    const { query, rowsTotal } = this.#queries.get(path)!
    return new ParquetSource(this.#session, query, { sizeBytes, rowsTotal }, options)
  }

  /** Lets go of DuckDB, after the sources. Idempotent. */
  close(): void {
    this.#session.close()
  }
}

type SpanRow = [coin: string | null, firstMs: number | null, lastMs: number | null, rows: number]

/** @throws {SignalboxError} `ERR_INPUT` for a venue or coin of which no file has a row at any time. */
async function requireKnown(
  session: DuckDbSession,
  files: readonly ParquetFile[],
  { venue, requiredSymbols }: SelectionOptions,
): Promise<void> {
  const series: [venue: string, coin: string | null][] = []
  for (const { path } of files) {
    series.push(...(await askFile<[venue: string, coin: string | null]>(session, path, seriesQuery(path))))
  }
  const venues = sorted(series.map(([name]) => name))
  if (!venues.includes(venue)) {
    throw inputError(
      '--source-venue',
      `no Parquet file has rows of ${JSON.stringify(venue)}; known: ${venues.join(', ')}`,
    )
  }
  const coins = sorted(series.flatMap(([name, coin]) => (name === venue && coin !== null ? [coin] : [])))
  for (const symbol of requiredSymbols) {
    if (coins.includes(symbol)) continue
    throw inputError('--symbols', `${venue} has no rows of ${JSON.stringify(symbol)}; known: ${coins.join(', ')}`)
  }
}

/** @throws {SignalboxError} `ERR_INPUT` naming the file with what DuckDB said. */
async function askFile<Row extends unknown[]>(session: DuckDbSession, path: string, sql: string): Promise<Row[]> {
  try {
    return (await session.rows(sql)) as Row[]
  } catch (error) {
    throw toParquetError(path, error)
  }
}

function isSymbol(name: string | null): name is string {
  return typeof new RunSymbols([], undefined, true).find(name) === 'object'
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}

/** @throws {SignalboxError} `ERR_INPUT` beyond {@link parquetDaysMax} days. */
function requireShort({ firstMs, lastMs }: Span): void {
  const days = (lastMs - firstMs) / msPerDay
  if (!(days > parquetDaysMax)) return
  const [first, last] = [firstMs, lastMs].map((ms) => new Date(ms).toISOString().slice(0, 16))
  throw inputError(
    '--from, --to',
    `the Parquet rows span ${Math.ceil(days)} days (${first}Z to ${last}Z), a run at most ${parquetDaysMax}: choose a part with --from and --to`,
  )
}
