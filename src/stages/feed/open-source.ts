/** Which source reads which format of recording: the only place that knows them all. One thread. */
import { AggTradeRows, aggTradeExample, ForcedOrderRows, forcedOrderExample } from './binance/rows.ts'
import { BinanceSessionRows, binanceSessionExample } from './binance/session.ts'
import {
  BookRows,
  bookRowExample,
  ContextRows,
  contextRowExample,
  TradeRows,
  tradeRowExample,
} from './hyperliquid/rows.ts'
import { HyperliquidSessionRows, hyperliquidSessionExample } from './hyperliquid/session.ts'
import { LineSource, type RowReader } from './line-source.ts'
import type { ParquetSelection } from './parquet/selection.ts'
import type { RecordSource } from './record-source.ts'
import type { RecordingFile } from './recording-file.ts'
import type { ReorderOptions } from './reorder-buffer.ts'
import { type IntakeOptions, RowIntake } from './row-intake.ts'
import type { RunSymbols } from './run-symbols.ts'

export interface SourceOptions extends IntakeOptions {
  /** A file of one symbol is of one of these; of a file of many, rows of others are passed over. */
  readonly symbols: RunSymbols
  /** For the formats that do not promise order. */
  readonly reorder: ReorderOptions
  /** The run's Parquet files; null when it has none. */
  readonly parquet: ParquetSelection | null
}

/** Makes the source of a file; nothing is read before its first `fill`. */
export function openSource(file: RecordingFile, options: SourceOptions): RecordSource {
  const { symbols } = options
  switch (file.format) {
    case 'hyperliquid_contexts':
      return inOrder(contextRowExample, (intake) => new ContextRows(symbols.of(file.symbol), intake))
    case 'hyperliquid_trades':
      return inOrder(tradeRowExample, (intake) => new TradeRows(symbols.of(file.symbol), intake))
    case 'hyperliquid_books':
      return inOrder(bookRowExample, (intake) => new BookRows(symbols.of(file.symbol), intake))
    case 'binance_trades':
      return reordered(aggTradeExample, (intake) => new AggTradeRows(symbols, intake))
    case 'binance_forced_orders':
      return reordered(forcedOrderExample, (intake) => new ForcedOrderRows(symbols, intake))
    case 'hyperliquid_session':
      return reordered(hyperliquidSessionExample, (intake) => new HyperliquidSessionRows(symbols, intake))
    case 'binance_session':
      return reordered(binanceSessionExample, (intake) => new BinanceSessionRows(symbols, intake))
    case 'parquet_candles':
    case 'parquet_funding':
    case 'parquet_open_interest':
    case 'parquet_liquidations':
      return options.parquet!.sourceOf(file, options)
  }

  function inOrder(example: string, rowsOf: (intake: RowIntake) => RowReader): RecordSource {
    const intake = new RowIntake(file.path, { example, reorder: null }, options)
    return new LineSource(file, rowsOf(intake), intake)
  }

  function reordered(example: string, rowsOf: (intake: RowIntake) => RowReader): RecordSource {
    const intake = new RowIntake(file.path, { example, reorder: options.reorder }, options)
    return new LineSource(file, rowsOf(intake), intake)
  }
}
