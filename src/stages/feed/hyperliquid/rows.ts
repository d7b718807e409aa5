/**
 * The rows of Hyperliquid's recordings of one symbol: `trades_…`, `ctx_…` and `l2_…` files. What a row looks like is said by the examples;
 * keys that are not known are accepted. One thread.
 */

import { readBookFields } from '../book-fields.ts'
import type { RowReader } from '../line-source.ts'
import {
  createBookFields,
  createContextFields,
  createTradeFields,
  isMissing,
  parseObject,
  readContextFields,
  readTradeFields,
  readUnixMs,
} from '../row-fields.ts'
import type { RowIntake } from '../row-intake.ts'
import type { RowSymbol } from '../run-symbols.ts'
import { BookScanner } from './book-scanner.ts'
import { notScanned, RowScanner } from './row-scanner.ts'

export const tradeRowExample = '{"ts":1781654400032,"px":65640.0,"sz":0.00162,"side":"B"}'
export const bookRowExample = '{"ts":1781999997890,"bids":[[64275.0,0.0544]],"asks":[[64276.0,9.90592]]}'
export const contextRowExample = '{"ts":1781654423451,"funding":1.25e-05,"oi":31663.5,"mark":65668.0,"oracle":65703.0}'

export class TradeRows implements RowReader {
  readonly #symbol: RowSymbol
  readonly #intake: RowIntake
  readonly #scanner = new RowScanner()
  readonly #fields = createTradeFields()

  constructor(symbol: RowSymbol, intake: RowIntake) {
    this.#symbol = symbol
    this.#intake = intake
  }

  scan(bytes: Uint8Array, start: number): number {
    const next = this.#scanner.scanTrade(bytes, start, this.#symbol.instrument, this.#fields)
    if (next !== notScanned) this.#admit()
    return next
  }

  readText(text: string): void {
    const row = parseObject(text)
    if (row === null) {
      this.#intake.refuse('json')
      return
    }
    const kind = readTradeFields(this.#symbol.instrument, row.ts, row.px, row.sz, row.side, this.#fields)
    if (kind === null) this.#admit()
    else this.#intake.refuse(kind)
  }

  #admit(): void {
    this.#intake.trade(this.#symbol.index, this.#fields)
  }
}

export class ContextRows implements RowReader {
  readonly #symbol: RowSymbol
  readonly #intake: RowIntake
  readonly #scanner = new RowScanner()
  readonly #fields = createContextFields()

  constructor(symbol: RowSymbol, intake: RowIntake) {
    this.#symbol = symbol
    this.#intake = intake
  }

  scan(bytes: Uint8Array, start: number): number {
    const next = this.#scanner.scanContext(bytes, start, this.#symbol.instrument, this.#fields)
    if (next !== notScanned) this.#admit()
    return next
  }

  readText(text: string): void {
    const row = parseObject(text)
    if (row === null) {
      this.#intake.refuse('json')
      return
    }
    if (isMissing(row.ts)) {
      this.#intake.refuse('missing_ts')
      return
    }
    this.#fields.atMs = readUnixMs(row.ts)
    if (Number.isNaN(this.#fields.atMs)) {
      this.#intake.refuse('bad_ts')
      return
    }
    const kind = readContextFields(this.#symbol.instrument, row.funding, row.oi, row.mark, row.oracle, this.#fields)
    if (kind === null) this.#admit()
    else this.#intake.refuse(kind)
  }

  #admit(): void {
    this.#intake.context(this.#symbol.index, this.#fields)
  }
}

export class BookRows implements RowReader {
  readonly #symbol: RowSymbol
  readonly #intake: RowIntake
  readonly #scanner = new BookScanner()
  readonly #fields = createBookFields()

  constructor(symbol: RowSymbol, intake: RowIntake) {
    this.#symbol = symbol
    this.#intake = intake
  }

  scan(bytes: Uint8Array, start: number): number {
    const next = this.#scanner.scan(bytes, start, this.#symbol.instrument, this.#fields)
    if (next !== notScanned) this.#intake.book(this.#symbol.index, this.#fields)
    return next
  }

  readText(text: string): void {
    const row = parseObject(text)
    const kind =
      row === null ? 'json' : readBookFields(this.#symbol.instrument, row.ts, row.bids, row.asks, 'list', this.#fields)
    if (kind === null) this.#intake.book(this.#symbol.index, this.#fields)
    else this.#intake.refuse(kind)
  }
}
