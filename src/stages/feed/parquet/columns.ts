/** The hourly tables that Parquet files hold, by their columns. Pure. */

/** The columns that tell each table, beside {@link seriesColumns}. A file may have others. */
export const parquetColumns = {
  parquet_candles: ['o', 'h', 'l', 'c', 'v'],
  parquet_funding: ['funding_rate'],
  parquet_open_interest: ['oi_usd'],
  parquet_liquidations: ['side', 'size_usd', 'price'],
} as const
export type ParquetFormat = keyof typeof parquetColumns

/** What every table has: when, where, of what. */
export const seriesColumns = ['timestamp', 'venue', 'coin'] as const

export function isParquetFormat(format: string): format is ParquetFormat {
  return Object.hasOwn(parquetColumns, format)
}
