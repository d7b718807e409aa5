/**
 * Which recording a file is. The rule:
 *   - `trades_<SYMBOL>_….jsonl[.gz]`, `ctx_<SYMBOL>_…` and `l2_<SYMBOL>_…` hold one symbol, which only the name tells. The rest of
 *     the name, by custom the UTC day, only orders files.
 *   - A `.parquet` file is known by its columns.
 *   - Every other file is known by its first rows, whatever it is called: the first of them that has the shape of a format, or
 *     that says which venue it was received from, decides.
 * Start of a run; main thread.
 */
import { inputError } from '../../base/errors.ts'
import { aggTradeColumns, columnsOf, forcedOrderColumns } from './binance/rows.ts'
import { recogniseParquet } from './parquet/format.ts'
import { RecordedLines, tooLong } from './recorded-lines.ts'
import { isMissing, numberOf, parseObject } from './row-fields.ts'
import { hostOfLine, messageOfLine } from './session-line.ts'
import type { StoredFile } from './stored-file.ts'

/** What a recording's rows look like. The numbers are the tie order of the merge, after time. */
export const recordingFormats = {
  hyperliquid_contexts: 1,
  parquet_funding: 2,
  parquet_open_interest: 3,
  hyperliquid_trades: 4,
  binance_trades: 5,
  parquet_candles: 6,
  binance_forced_orders: 7,
  parquet_liquidations: 8,
  hyperliquid_books: 9,
  hyperliquid_session: 10,
  binance_session: 11,
} as const
export type RecordingFormat = keyof typeof recordingFormats

/** Rows that are looked at, when the name does not tell: a recording may begin with a few that are cut or foreign. */
export const shapeRowsMax = 20

/** The host of Binance's USD-M streams. Its others (coin-M, spot) tell other units. */
const binanceHost = 'fstream.binance.com'
const hyperliquidHost = 'api.hyperliquid.xyz'

const namePattern = /^(trades|ctx|l2)_([A-Za-z0-9@:.-]{1,16})_.+\.jsonl(\.gz)?$/
const namedFormats = { trades: 'hyperliquid_trades', ctx: 'hyperliquid_contexts', l2: 'hyperliquid_books' } as const

interface Recognised {
  readonly format: RecordingFormat
  readonly symbol: string | null
}

/** @throws {SignalboxError} `ERR_INPUT` naming the file and what was expected, or the venue that is not read. */
export async function recogniseFormat(file: StoredFile): Promise<Recognised> {
  const match = namePattern.exec(file.name)
  if (match !== null) return { format: namedFormats[match[1] as keyof typeof namedFormats], symbol: match[2]! }
  if (file.name.endsWith('.parquet')) return { format: await recogniseParquet(file.path), symbol: null }
  for (const line of await firstLines(file)) {
    const format = formatOfLine(file, line)
    if (format !== null) return { format, symbol: null }
  }
  throw inputError(
    file.path,
    'is no recording that is known: neither its name nor its first rows tell; expected trades_, ctx_ or ' +
      "l2_<SYMBOL>_….jsonl[.gz], forced orders or aggregated trades of Binance (CSV), hourly tables (.parquet), or a raw session of Hyperliquid's or " +
      "Binance USD-M's WebSocket",
  )
}

function formatOfLine(file: StoredFile, line: string): RecordingFormat | null {
  const host = hostOfLine(line)
  if (host !== null) return formatOfHost(file, host)
  const message = messageOfLine(line)
  if (typeof message === 'string') return formatOfMessage(message)
  const row = parseObject(line)
  if (row !== null) throwNameless(file, row)
  return row === null ? formatOfColumns(columnsOf(line)) : null
}

function formatOfHost(file: StoredFile, host: string): RecordingFormat {
  if (host === binanceHost) return 'binance_session'
  if (host === hyperliquidHost) return 'hyperliquid_session'
  throw inputError(
    file.path,
    `is a raw session of ${host}, which Signalbox does not read (it reads ${hyperliquidHost} and ${binanceHost})`,
  )
}

function formatOfMessage(text: string): RecordingFormat | null {
  const message = parseObject(text)
  if (message === null) return null
  if (typeof message.channel === 'string' && 'data' in message) return 'hyperliquid_session'
  const isWrapped = typeof message.stream === 'string' && 'data' in message
  const isEvent = typeof message.e === 'string' && 'E' in message
  return isWrapped || isEvent ? 'binance_session' : null
}

/** A CSV has no head: the second column of a forced order is its side, the last of a trade whether its buyer was the maker. */
function formatOfColumns(columns: readonly (string | undefined)[]): RecordingFormat | null {
  const side = columns[1]
  if (columns.length >= forcedOrderColumns && (side === 'BUY' || side === 'SELL')) return 'binance_forced_orders'
  const isMaker = /^(true|false)$/i.test(columns[aggTradeColumns - 1] ?? '')
  return isMaker && !Number.isNaN(numberOf(columns[2])) ? 'binance_trades' : null
}

/** Rows of one symbol under a name that does not tell which. */
function throwNameless(file: StoredFile, row: Record<string, unknown>): void {
  if (isMissing(row.ts)) return
  const prefix = 'px' in row ? 'trades' : 'oracle' in row ? 'ctx' : 'bids' in row ? 'l2' : null
  if (prefix === null) return
  throw inputError(
    file.path,
    `holds rows of one symbol, which only the name tells; expected ${prefix}_<SYMBOL>_….jsonl[.gz]`,
  )
}

/** @throws {SignalboxError} `ERR_INPUT` naming the file, when not even one line can be had. */
async function firstLines(file: StoredFile): Promise<string[]> {
  const lines = new RecordedLines(file)
  const first: string[] = []
  const note = (line: string | typeof tooLong): void => {
    if (line !== tooLong && line.trim() !== '') first.push(line.trim())
  }
  try {
    while (first.length < shapeRowsMax && !lines.isAtEnd) {
      await lines.advance()
      const carried = lines.takeCarried()
      if (carried !== null) note(carried)
      while (lines.position < lines.end && first.length < shapeRowsMax) note(lines.takeLine())
    }
  } catch (error) {
    if (first.length === 0) throw error
  } finally {
    await lines.close()
  }
  return first
}
