/**
 * The rows of each hourly table and the records that they become. Every row comes through `source.ts`, which knows whose it is
 * and when it is told; here its values are judged. One thread.
 *
 * A table that tells one figure a stamp (all but liquidations) is taken at its word once: the same venue, coin and stamp again is a
 * duplicate, whatever it says. Prices and quantities go to the nearest tick and lot: they are averages, or contracts turned into coins.
 */
import { notionalMinor } from '../../../domain/instrument.ts'
import { toNearestInteger } from '../../../domain/units.ts'
import type { LeftOutKind } from '../left-out.ts'
import type { MalformedKind } from '../malformed.ts'
import { createContextFields, createLiquidationFields, createTradeFields, isFundingRate } from '../row-fields.ts'
import type { RowIntake } from '../row-intake.ts'
import type { RowSymbol } from '../run-symbols.ts'
import { type Candle, CandlePath, candleLotsMin, candleTrades } from './candle-path.ts'
import type { ParquetFormat } from './columns.ts'
import { coinsPerUnit } from './venue-terms.ts'

/** A row as `rowsQuery` answers it. Null is what the file does not say. */
export interface ParquetRow {
  /** Unix milliseconds at which it is told. */
  toldMs: number
  /** Its stamp, Unix microseconds. */
  atUs: number
  readonly values: (number | null)[]
  text: string | null
}

/** What is wrong with a row, or why it is no record of the run; null: nothing. */
export type RowVerdict = MalformedKind | LeftOutKind | null

export interface ParquetRows {
  /** Records that a row becomes. */
  readonly recordsPerRow: number
  /** Reads a row and keeps what it tells, unless something is the matter with it. */
  read(row: Readonly<ParquetRow>, symbol: RowSymbol): RowVerdict
  /** Brings record number `index` of the row that was read to the intake. */
  bring(index: number): void
}

/** Makes the reader of a table's rows of one venue. */
export function parquetRows(format: ParquetFormat, venue: string, intake: RowIntake): ParquetRows {
  switch (format) {
    case 'parquet_candles':
      return new CandleRows(venue, intake)
    case 'parquet_funding':
      return new FundingRows(intake)
    case 'parquet_open_interest':
      return new OpenInterestRows(intake)
    case 'parquet_liquidations':
      return new LiquidationRows(venue, intake)
  }
}

/** Which stamp each symbol's last figure had. */
class Stamps {
  readonly #lastUs: number[] = []

  isRepeated(symbolIndex: number, atUs: number): boolean {
    if (this.#lastUs[symbolIndex] === atUs) return true
    this.#lastUs[symbolIndex] = atUs
    return false
  }
}

/** `funding_rate` of one period of `hours`. */
class FundingRows implements ParquetRows {
  readonly recordsPerRow = 1
  readonly #intake: RowIntake
  readonly #stamps = new Stamps()
  readonly #fields = tellingNothing()
  #symbolIndex = 0

  constructor(intake: RowIntake) {
    this.#intake = intake
  }

  read({ toldMs, atUs, values: [rate, hours] }: Readonly<ParquetRow>, { index }: RowSymbol): RowVerdict {
    if (rate === null) return 'missing_funding'
    if (!isFundingRate(rate!)) return 'bad_funding'
    if (this.#stamps.isRepeated(index, atUs)) return 'duplicate'
    if (hours === null || hours! < 1) return 'unknown_period'
    this.#fields.atMs = toldMs
    this.#fields.fundingRate = rate! / hours! + 0
    this.#symbolIndex = index
    return null
  }

  bring(): void {
    this.#intake.context(this.#symbolIndex, this.#fields)
  }
}

/** `oi_usd`, and what one coin was worth then. */
class OpenInterestRows implements ParquetRows {
  readonly recordsPerRow = 1
  readonly #intake: RowIntake
  readonly #stamps = new Stamps()
  readonly #fields = tellingNothing()
  #symbolIndex = 0

  constructor(intake: RowIntake) {
    this.#intake = intake
  }

  read({ toldMs, atUs, values: [usd, price] }: Readonly<ParquetRow>, { index, instrument }: RowSymbol): RowVerdict {
    if (usd === null) return 'missing_oi'
    if (!(usd! >= 0)) return 'bad_oi'
    if (this.#stamps.isRepeated(index, atUs)) return 'duplicate'
    if (price === null) return 'no_price'
    const lots = toNearestInteger(usd! / price!, instrument.sizeDecimals)
    if (!(lots >= 0)) return 'bad_oi'
    this.#fields.atMs = toldMs
    this.#fields.openInterestLots = lots
    this.#symbolIndex = index
    return null
  }

  bring(): void {
    this.#intake.context(this.#symbolIndex, this.#fields)
  }
}

/** `o h l c v`: four trades each. */
class CandleRows implements ParquetRows {
  readonly recordsPerRow = candleTrades
  readonly #venue: string
  readonly #intake: RowIntake
  readonly #stamps = new Stamps()
  readonly #path = new CandlePath()
  readonly #candle: Candle = { openTicks: 0, highTicks: 0, lowTicks: 0, closeTicks: 0, volumeLots: 0 }
  readonly #fields = createTradeFields()
  #symbolIndex = 0

  constructor(venue: string, intake: RowIntake) {
    this.#venue = venue
    this.#intake = intake
  }

  read(
    { toldMs, atUs, values: [open, high, low, close, volume] }: Readonly<ParquetRow>,
    symbol: RowSymbol,
  ): RowVerdict {
    const { index, instrument } = symbol
    if (open === null || high === null || low === null || close === null) return 'missing_px'
    if (volume === null) return 'missing_sz'
    if (!(low! > 0 && low! <= Math.min(open!, close!) && high! >= Math.max(open!, close!))) {
      return 'bad_candle'
    }
    const candle = this.#candle
    candle.openTicks = toNearestInteger(open!, instrument.priceDecimals)
    candle.highTicks = toNearestInteger(high!, instrument.priceDecimals)
    candle.lowTicks = toNearestInteger(low!, instrument.priceDecimals)
    candle.closeTicks = toNearestInteger(close!, instrument.priceDecimals)
    if (!(candle.lowTicks > 0 && candle.highTicks > 0)) return 'bad_px'
    const coins = coinsPerUnit(this.#venue, instrument.symbol)
    if (coins === null) return 'unknown_contract'
    candle.volumeLots = toNearestInteger(volume! * coins, instrument.sizeDecimals)
    if (!(candle.volumeLots >= 0)) return 'bad_sz'
    if (this.#stamps.isRepeated(index, atUs)) return 'duplicate'
    if (candle.volumeLots < candleLotsMin) return 'untraded'
    this.#path.walk(index, candle)
    this.#symbolIndex = index
    this.#fields.atMs = toldMs
    return null
  }

  bring(index: number): void {
    const { priceTicks, quantityLots, aggressor } = this.#path.steps[index]!
    this.#fields.priceTicks = priceTicks
    this.#fields.quantityLots = quantityLots
    this.#fields.aggressor = aggressor
    this.#intake.trade(this.#symbolIndex, this.#fields)
  }
}

/**
 * `side size_usd price`, and how many different sides the venue's rows name. `side` is the order's: a sale ends a long, a purchase a
 * short (OKX's purchases lie above the market and its sales below: their price is the bankruptcy price). A venue whose rows all
 * name one side does not tell it: Hyperliquid's are all `S`, while hundreds of them follow one another up a rise.
 */
class LiquidationRows implements ParquetRows {
  readonly recordsPerRow = 1
  readonly #venue: string
  readonly #intake: RowIntake
  readonly #fields = createLiquidationFields()
  #symbolIndex = 0

  constructor(venue: string, intake: RowIntake) {
    this.#venue = venue
    this.#intake = intake
  }

  read(
    { toldMs, values: [usd, price, sides], text }: Readonly<ParquetRow>,
    { index, instrument }: RowSymbol,
  ): RowVerdict {
    const fields = this.#fields
    if (text === null) return 'missing_side'
    const aggressor = aggressorOf(text)
    if (aggressor === 0) return 'bad_side'
    if (price === null) return 'missing_px'
    fields.priceTicks = toNearestInteger(price!, instrument.priceDecimals)
    if (!(fields.priceTicks > 0)) return 'bad_px'
    if (usd === null) return 'missing_sz'
    if (sides! < 2) return 'unsided'
    const coins = coinsPerUnit(this.#venue, instrument.symbol)
    if (coins === null) return 'unknown_contract'
    fields.quantityLots = toNearestInteger((usd! / price!) * coins, instrument.sizeDecimals)
    if (!(fields.quantityLots > 0)) return 'bad_sz'
    fields.notionalMinor = notionalMinor(instrument, fields.priceTicks, fields.quantityLots)
    if (!(fields.notionalMinor <= Number.MAX_SAFE_INTEGER)) return 'bad_sz'
    fields.aggressor = aggressor
    fields.atMs = toldMs
    this.#symbolIndex = index
    return null
  }

  bring(): void {
    this.#intake.liquidation(this.#symbolIndex, this.#fields)
  }
}

/** 0: a word that is no side. */
function aggressorOf(side: string): number {
  switch (side.toLowerCase()) {
    case 'b':
    case 'buy':
      return 1
    case 's':
    case 'sell':
      return -1
    default:
      return 0
  }
}

function tellingNothing(): ReturnType<typeof createContextFields> {
  const fields = createContextFields()
  fields.markTicks = Number.NaN
  fields.oracleTicks = Number.NaN
  fields.openInterestLots = Number.NaN
  fields.fundingRate = Number.NaN
  return fields
}
