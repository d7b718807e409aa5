/**
 * The questions that are put to DuckDB about Parquet files, as SQL. Pure.
 *
 * Every row is given the time at which it is *told*: the first at which a market participant could know it, rounded up to a
 * millisecond (venue-terms.ts, candle-path.ts). Rows without a time come first, so that they are counted.
 */

import { unixMsMax, unixMsMin } from '../row-fields.ts'
import type { ParquetFormat } from './columns.ts'
import { isFundingKnownAtStamp } from './venue-terms.ts'

const usPerHour = 3_600_000_000
/** A close that is older at the time of an open interest says nothing of what it was worth. */
const closeAgeHoursMax = 24

/** What is asked of one file. */
export interface RowsQuery {
  readonly path: string
  readonly format: ParquetFormat
  readonly venue: string
  /** Unix milliseconds of the told time; may be infinite. */
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  /** The run's candles, from which open interest takes its price. */
  readonly candlePaths: readonly string[]
}

/** The columns of {@link rowsQuery}, in their order. */
export const rowColumns = ['told_ms', 'at_us', 'venue', 'coin', 'line', 'a', 'b', 'c', 'd', 'e', 'text'] as const

/** Name and type of each column. */
export function columnsQuery(path: string): string {
  return `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(${patternOf(path)}))`
}

/** Venue and coin of every series. */
export function seriesQuery(path: string): string {
  return `SELECT DISTINCT venue, coin FROM ${tableOf([path])} WHERE venue IS NOT NULL`
}

/** Of each coin, first and last told time in the query's range, and the number of rows. Malformed ones span nothing. */
export function spanQuery(query: RowsQuery): string {
  const sane = `FILTER (WHERE venue IS NOT NULL AND told_ms BETWEEN ${unixMsMin} AND ${unixMsMax})`
  return `SELECT coin, min(told_ms) ${sane}, max(told_ms) ${sane}, count(*)::DOUBLE FROM (${rowsQuery(query)}) GROUP BY coin`
}

/** The file's rows of the venue (and those that name none) in the order of their told times. */
export function rowsQuery(query: RowsQuery): string {
  const { fromUnixMs, untilUnixMs } = query
  const bounds = [
    Number.isFinite(fromUnixMs) ? `told_us > ${(fromUnixMs - 1) * 1000}` : 'true',
    Number.isFinite(untilUnixMs) ? `told_us <= ${(untilUnixMs - 1) * 1000}` : 'true',
  ]
  return `WITH ${toldRows(query)}
SELECT ceil(told_us / 1000.0)::DOUBLE AS told_ms, at_us::DOUBLE AS at_us, venue, coin, line::DOUBLE AS line,
  a::DOUBLE AS a, b::DOUBLE AS b, c::DOUBLE AS c, d::DOUBLE AS d, e::DOUBLE AS e, text::VARCHAR AS text
FROM told WHERE told_us IS NULL OR (${bounds.join(' AND ')})
ORDER BY told_ms NULLS FIRST, coin NULLS FIRST, at_us, line`
}

/** The common table `told`: told_us, at_us, venue, coin, line, and the format's values as a … e and text. */
function toldRows(query: RowsQuery): string {
  const { format, venue } = query
  switch (format) {
    case 'parquet_candles':
      return `${stored(query, 'o, h, l, c AS close, v')}, ${spaced('stored', 'coin')},
told AS (SELECT at_us + coalesce(period_us, ${usPerHour}) AS told_us, at_us, venue, coin, line,
  o AS a, h AS b, l AS c, close AS d, v AS e, NULL AS text FROM stored LEFT JOIN stored_periods USING (coin))`
    case 'parquet_funding':
      // The venue's clock strikes a few milliseconds beside the hour.
      return `${stored(query, 'funding_rate')}, ${spaced('stored', 'coin')},
told AS (SELECT at_us + ${isFundingKnownAtStamp(venue) ? 0 : `coalesce(period_us, ${usPerHour})`} AS told_us,
  at_us, venue, coin, line, funding_rate AS a, round(period_us / ${usPerHour}.0) AS b,
  NULL AS c, NULL AS d, NULL AS e, NULL AS text FROM stored LEFT JOIN stored_periods USING (coin))`
    case 'parquet_open_interest':
      return `${stored(query, 'oi_usd')},
shifted AS (SELECT *, at_us + CASE WHEN at_us % ${usPerHour} = 0 THEN ${usPerHour} ELSE 0 END AS told_us FROM stored),
${closes(query)},
told AS (SELECT told_us, at_us, venue, shifted.coin AS coin, line, oi_usd AS a,
  CASE WHEN told_us - end_us <= ${closeAgeHoursMax} * ${usPerHour} THEN close END AS b,
  NULL AS c, NULL AS d, NULL AS e, NULL AS text
  FROM shifted ASOF LEFT JOIN closes ON shifted.coin = closes.coin AND shifted.told_us >= closes.end_us)`
    case 'parquet_liquidations':
      return `${stored(query, 'side, size_usd, price')},
told AS (SELECT at_us AS told_us, at_us, venue, coin, line, size_usd AS a, price AS b,
  (SELECT count(DISTINCT lower(side)) FROM stored WHERE venue IS NOT NULL) AS c, NULL AS d, NULL AS e, side AS text FROM stored)`
  }
}

function stored({ path, venue }: RowsQuery, values: string): string {
  return `stored AS (SELECT ${stamp} AS at_us, venue, coin, file_row_number + 1 AS line, ${values}
  FROM ${tableOf([path])} WHERE venue = ${textOf(venue)} OR venue IS NULL)`
}

/** `…_periods`: the length of each series' period, the median distance of its stamps; none of a series of one row. */
function spaced(table: string, series: string): string {
  return `${table}_gaps AS (SELECT ${series}, at_us - lag(at_us) OVER (PARTITION BY ${series} ORDER BY at_us) AS gap_us
  FROM ${table} WHERE venue IS NOT NULL),
${table}_periods AS (SELECT ${series}, quantile_disc(gap_us, 0.5) AS period_us FROM ${table}_gaps WHERE gap_us > 0 GROUP BY ${series})`
}

/**
 * `closes`: what a coin was worth at the end of each candle, by the venue's own candle, or else the median of the other venues':
 * the price only turns dollars into coins, and venues differ by a few hundredths of a percent.
 */
function closes({ candlePaths, venue }: RowsQuery): string {
  if (candlePaths.length === 0) return `closes AS (SELECT '' AS coin, 0 AS end_us, 0.0 AS close WHERE false)`
  return `candles AS (SELECT ${stamp} AS at_us, venue, coin, c FROM ${tableOf(candlePaths)} WHERE isfinite(c) AND c > 0),
${spaced('candles', 'venue, coin')},
closes AS (SELECT coin, at_us + coalesce(period_us, ${usPerHour}) AS end_us,
  coalesce(quantile_cont(c, 0.5) FILTER (WHERE venue = ${textOf(venue)}), quantile_cont(c, 0.5)) AS close
  FROM candles LEFT JOIN candles_periods USING (venue, coin) WHERE at_us IS NOT NULL GROUP BY 1, 2)`
}

/** Microseconds since the Unix epoch; a stamp without a zone is UTC. */
const stamp = `CASE WHEN isfinite("timestamp") THEN epoch_us("timestamp") END`

function tableOf(paths: readonly string[]): string {
  return `read_parquet([${paths.map(patternOf).join(', ')}], file_row_number = true)`
}

/** A path is a pattern to DuckDB: what means something in one is made a class of one character. */
function patternOf(path: string): string {
  return textOf(path.replace(/[[*?]/g, (character) => `[${character}]`))
}

function textOf(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
