/** Which recordings, and what of them: the options that `replay` and `detect` share, and what they mean to the feed. */
import type { Command } from 'commander'
import { inputError } from '../base/errors.ts'
import type { EngineConfig } from '../config.ts'
import type { RecordedFeed, RecordedFeedOptions } from '../stages/feed/recorded-feed.ts'
import type { Reached } from './terminal/playing.ts'

export interface RecordingOptions {
  readonly symbols?: string
  readonly from?: string
  readonly to?: string
  readonly sourceVenue?: string
  readonly strict?: boolean
}

/** Adds the files and their options to a command. */
export function addRecordingOptions(command: Command): Command {
  return command
    .argument(
      '<files...>',
      "recordings: trades_, ctx_ and l2_<SYMBOL>_….jsonl[.gz], Binance's forced orders and aggregated trades (CSV), " +
        'raw sessions of Hyperliquid and Binance USD-M, hourly tables (Parquet)',
    )
    .option('--symbols <list>', 'BTC,ETH: only these (default: all that are found)')
    .option(
      '--from <time>',
      'only records from this time on, ISO 8601 (UTC) or Unix milliseconds; the hour before it warms the state up',
    )
    .option('--to <time>', 'only records before this time')
    .option('--source-venue <name>', 'whose rows are taken of Parquet files (default: hyperliquid)')
    .option('--strict', 'stop at the first malformed record')
}

/** How much before `--from` warms the state up: what is usual has to be known before anything can stand out. */
const warmupMs = 3_600_000

/** What the options mean. */
export interface RecordingChoice {
  readonly feed: RecordedFeedOptions
  /** Records before it are applied to the state only; Unix milliseconds, −∞ without `--from`. */
  readonly warmUntilUnixMs: number
}

/** How far a run over such a choice has come at `atNs`; `isPaced`: slower than it could. */
export function reachedOf(
  feed: RecordedFeed,
  { feed: { fromUnixMs, untilUnixMs }, warmUntilUnixMs }: RecordingChoice,
  atNs: number,
  run: { readonly isPaced: boolean } & Pick<Reached, 'records' | 'decisions'>,
): Reached {
  const atUnixMs = feed.timeline.toUnixMs(atNs)
  const { isPaced, records, decisions } = run
  const recordedUnixMs = feed.firstNs === null ? atUnixMs : Number(feed.firstNs / 1_000_000n)
  return {
    atUnixMs,
    // The warm-up is none of what was asked for.
    firstUnixMs: Math.max(warmUntilUnixMs, fromUnixMs ?? recordedUnixMs),
    untilUnixMs,
    isByTime: isPaced || fromUnixMs !== undefined || untilUnixMs !== undefined,
    isWarmingUp: atUnixMs < warmUntilUnixMs,
    read: feed.bytesRead / feed.bytesTotal,
    records,
    decisions,
  }
}

/** @throws {SignalboxError} `ERR_INPUT` naming the option. */
export function recordingChoiceOf(
  files: readonly string[],
  options: RecordingOptions,
  config: EngineConfig,
): RecordingChoice {
  const symbols = symbolsOf('--symbols', options.symbols)
  const { fromUnixMs, untilUnixMs } = rangeOf(options.from, options.to)
  // Hourly tables have nothing to warm up with: an hour is a silence to the state.
  const isWarmed = fromUnixMs !== undefined && !files.some((file) => file.endsWith('.parquet'))
  return {
    feed: {
      strict: options.strict === true,
      instruments: config.instruments,
      ...(symbols === undefined ? {} : { symbols, passesOverOthers: true }),
      ...(fromUnixMs === undefined ? {} : { fromUnixMs: isWarmed ? fromUnixMs - warmupMs : fromUnixMs }),
      ...(untilUnixMs === undefined ? {} : { untilUnixMs }),
      ...(options.sourceVenue === undefined ? {} : { sourceVenue: options.sourceVenue }),
    },
    warmUntilUnixMs: isWarmed ? fromUnixMs : Number.NEGATIVE_INFINITY,
  }
}

/**
 * Nothing can be run over recordings in which no symbol was found.
 * @throws {SignalboxError} `ERR_INPUT`: what is wrong with a file, if that is why, else that there is no record.
 */
export async function requireSymbols(feed: RecordedFeed, command: string): Promise<void> {
  if (feed.instruments.length > 0) return
  // The survey of symbols keeps silent about a file's fault; reading meets it again.
  await feed.nextBatch()
  throw noRecord(command)
}

export function noRecord(command: string): Error {
  return inputError(
    command,
    'the recordings hold no record that could be read, of these symbols and between these times',
  )
}

/** Those that were given, as a person wrote them: `from 2026-06-17T18:00Z`. */
export function givenTexts(options: RecordingOptions): string[] {
  const { symbols, from, to, sourceVenue, strict } = options
  return [
    ...(symbols === undefined ? [] : [`symbols ${symbols}`]),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(sourceVenue === undefined ? [] : [`source venue ${sourceVenue}`]),
    ...(strict === true ? ['strict'] : []),
  ]
}

const symbolsSeparator = ','

/** Symbols of an option, `BTC,ETH`. Undefined: not given. */
export function symbolsOf(option: string, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  const symbols = text.split(symbolsSeparator).map((symbol) => symbol.trim())
  const twice = symbols.find((symbol, index) => symbols.indexOf(symbol) !== index)
  if (symbols.includes('')) throw inputError(option, `must be symbols like BTC,ETH, got ${JSON.stringify(text)}`)
  if (twice !== undefined) throw inputError(option, `names ${twice} twice`)
  return symbols
}

const isoPattern = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/
const unixMsPattern = /^[1-9]\d{12}$/

/** A time of an option, in Unix milliseconds: given so, or as ISO 8601, which without a zone is UTC. Undefined: not given. */
export function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (unixMsPattern.test(text)) return Number(text)
  const match = isoPattern.exec(text)
  // Of a date alone the language takes UTC by itself, of a time without a zone the machine's.
  const isZoned = match !== null && (match[2] === undefined || match[5] !== undefined)
  const unixMs = match === null || !isDay(match[1]!) ? Number.NaN : Date.parse(isZoned ? text : `${text}Z`)
  if (!Number.isNaN(unixMs)) return unixMs
  const shown = JSON.stringify(text)
  throw inputError(option, `must be a time as 2026-06-17T18:00:00Z or in Unix milliseconds, got ${shown}`)
}

/** The language takes 30 February for 2 March. */
function isDay(text: string): boolean {
  const unixMs = Date.parse(text)
  return !Number.isNaN(unixMs) && new Date(unixMs).toISOString().startsWith(text)
}

/** A span of event time, `--from` ≤ t < `--to`. */
export interface TimeRange {
  readonly fromUnixMs?: number
  readonly untilUnixMs?: number
}

export function rangeOf(from: string | undefined, to: string | undefined): TimeRange {
  const fromUnixMs = timeOf('--from', from)
  const untilUnixMs = timeOf('--to', to)
  if (fromUnixMs !== undefined && untilUnixMs !== undefined && fromUnixMs >= untilUnixMs) {
    throw inputError('--to', `must be after --from, got ${JSON.stringify(to)}`)
  }
  return {
    ...(fromUnixMs === undefined ? {} : { fromUnixMs }),
    ...(untilUnixMs === undefined ? {} : { untilUnixMs }),
  }
}
