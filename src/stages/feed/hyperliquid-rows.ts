/**
 * The rows of Hyperliquid's recordings of one symbol: `trades_…` and `ctx_…` files. What a row looks like is said by the examples;
 * keys that are not known are accepted. One thread.
 */

import type { Instrument } from '../../domain/instrument.ts'
import type { RowReader } from './line-source.ts'
import {
  createContextFields,
  createTradeFields,
  isMissing,
  parseObject,
  readContextFields,
  readTradeFields,
  readUnixMs,
} from './row-fields.ts'
import type { RowIntake } from './row-intake.ts'
import { notScanned, RowScanner } from './row-scanner.ts'

export const tradeRowExample = '{"ts":1781654400032,"px":65640.0,"sz":0.00162,"side":"B"}'
export const contextRowExample = '{"ts":1781654423451,"funding":1.25e-05,"oi":31663.5,"mark":65668.0,"oracle":65703.0}'

/** A symbol as a row reader of one symbol needs it. */
export interface RowSymbol {
  readonly index: number
  readonly instrument: Instrument
}

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
    const fields = this.#fields
    if (this.#intake.admits(fields.atMs)) this.#intake.block.pushTrade(this.#symbol.index, fields)
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
    const fields = this.#fields
    if (this.#intake.admits(fields.atMs)) this.#intake.block.pushContext(this.#symbol.index, fields)
  }
}
