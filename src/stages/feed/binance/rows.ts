/**
 * The rows of what collectors wrote of Binance USD-M as CSV without a header: forced orders, and aggregated trades. Spaces around
 * a column, further columns, and `USDT` at the end of a symbol or not, are all accepted. One thread.
 *
 * Both were written by more than one connection at times: a row that was seen before is left out (`duplicate`). Neither is in
 * the order of its times.
 */

import { notScanned } from '../hyperliquid/row-scanner.ts'
import { TidWindow } from '../hyperliquid/tid-window.ts'
import type { RowReader } from '../line-source.ts'
import { RecentKeys } from '../recent-keys.ts'
import {
  createLiquidationFields,
  createTradeFields,
  numberOf,
  readLiquidationFields,
  readTradeFields,
} from '../row-fields.ts'
import type { RowIntake } from '../row-intake.ts'
import type { RunSymbols } from '../run-symbols.ts'

export const forcedOrderExample = 'LRC,SELL,LIMIT,IOC,226,0.16815,0.17057,FILLED,226,226,1737908829829,38.0019'
export const aggTradeExample = '1737897220002,BTCUSDT,2541757614,104943.5,0.15,1737897219873,False'

/** Columns that a row needs; more are accepted. */
export const forcedOrderColumns = 11
export const aggTradeColumns = 7

/** Two recorders of one file were at most 28 rows apart. */
const duplicateRows = 4_096

/** A row's columns without the spaces around them; an empty one is undefined: it tells nothing. */
export function columnsOf(text: string): (string | undefined)[] {
  return text.split(',').map((column) => column.trim() || undefined)
}

/**
 * symbol, side, type, time in force, quantity, price, average price, status, last fill, filled, trade time, value …
 *
 * The order's price is the bankruptcy price and nothing was traded there: what is told is the average price and what was filled.
 */
export class ForcedOrderRows implements RowReader {
  readonly #symbols: RunSymbols
  readonly #intake: RowIntake
  readonly #fields = createLiquidationFields()
  /** The first {@link forcedOrderColumns} columns: the value behind them was computed by the recorder, and not by all alike. */
  readonly #recent = new RecentKeys<string>(duplicateRows)

  constructor(symbols: RunSymbols, intake: RowIntake) {
    this.#symbols = symbols
    this.#intake = intake
  }

  scan(): number {
    return notScanned
  }

  readText(text: string): void {
    const intake = this.#intake
    const columns = columnsOf(text)
    if (columns.length < forcedOrderColumns) {
      intake.refuse('columns')
      return
    }
    const [name, side, , , , , averagePx, , , filledSz, ts] = columns
    const symbol = this.#symbols.findBinance(name)
    if (typeof symbol === 'string') intake.refuse(symbol)
    else if (symbol === null) intake.passOver()
    else if (numberOf(filledSz) === 0) intake.leaveOut('unfilled')
    else {
      const kind = readLiquidationFields(symbol.instrument, ts, side, averagePx, filledSz, this.#fields)
      if (kind !== null) intake.refuse(kind)
      else if (!this.#recent.add(columns.slice(0, forcedOrderColumns).join())) intake.leaveOut('duplicate')
      else intake.liquidation(symbol.index, this.#fields)
    }
  }
}

/** event time, symbol, number of the aggregated trade, price, quantity, trade time, whether the buyer was the maker … */
export class AggTradeRows implements RowReader {
  readonly #symbols: RunSymbols
  readonly #intake: RowIntake
  readonly #fields = createTradeFields()
  /** By symbol index. */
  readonly #recent: TidWindow[] = []

  constructor(symbols: RunSymbols, intake: RowIntake) {
    this.#symbols = symbols
    this.#intake = intake
  }

  scan(): number {
    return notScanned
  }

  readText(text: string): void {
    const intake = this.#intake
    const columns = columnsOf(text)
    if (columns.length < aggTradeColumns) {
      intake.refuse('columns')
      return
    }
    const [, name, id, px, sz, ts, isBuyerMaker] = columns
    const symbol = this.#symbols.findBinance(name)
    if (typeof symbol === 'string') intake.refuse(symbol)
    else if (symbol === null) intake.passOver()
    else {
      const kind = readTradeFields(symbol.instrument, ts, px, sz, sideOf(isBuyerMaker), this.#fields)
      const aggId = numberOf(id)
      if (kind !== null) intake.refuse(kind)
      else if (id === undefined) intake.refuse('missing_tid')
      else if (!Number.isSafeInteger(aggId)) intake.refuse('bad_tid')
      else if (!this.#recentOf(symbol.index).add(aggId)) intake.leaveOut('duplicate')
      else intake.trade(symbol.index, this.#fields)
    }
  }

  #recentOf(symbolIndex: number): TidWindow {
    this.#recent[symbolIndex] ??= new TidWindow()
    return this.#recent[symbolIndex]
  }
}

/** Who the aggressor was, in the words of `readTradeFields`: where the buyer was the maker, it sold. */
function sideOf(isBuyerMaker: string | undefined): string | undefined {
  switch (isBuyerMaker?.toLowerCase()) {
    case undefined:
      return undefined
    case 'true':
      return 'A'
    case 'false':
      return 'B'
    default:
      return isBuyerMaker === 'A' || isBuyerMaker === 'B' ? '' : isBuyerMaker
  }
}
