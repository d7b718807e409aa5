/** Which source reads which format of recording: the only place that knows them all. One thread. */
import type { Instrument } from '../../domain/instrument.ts'
import { ContextRows, contextRowExample, type RowSymbol, TradeRows, tradeRowExample } from './hyperliquid-rows.ts'
import { LineSource } from './line-source.ts'
import type { RecordSource } from './record-source.ts'
import type { RecordingFile } from './recording-file.ts'
import { type IntakeOptions, RowIntake } from './row-intake.ts'

export interface SourceOptions extends IntakeOptions {
  /** The run's, by symbol index. A file of one symbol is one of these; of a file of many, rows of others are passed over. */
  readonly instruments: readonly Instrument[]
}

/** Makes the source of a file; nothing is read before its first `fill`. */
export function openSource(file: RecordingFile, options: SourceOptions): RecordSource {
  switch (file.format) {
    case 'hyperliquid_contexts': {
      const intake = new RowIntake(file.path, contextRowExample, options)
      return new LineSource(file, new ContextRows(symbolOf(file, options), intake), intake)
    }
    case 'hyperliquid_trades': {
      const intake = new RowIntake(file.path, tradeRowExample, options)
      return new LineSource(file, new TradeRows(symbolOf(file, options), intake), intake)
    }
  }
}

function symbolOf(file: RecordingFile, { instruments }: SourceOptions): RowSymbol {
  const index = instruments.findIndex(({ symbol }) => symbol === file.symbol)
  return { index, instrument: instruments[index]! }
}
