/**
 * A raw session of Hyperliquid as rows: trades (each trade number once: a subscription begins with recent ones), books, and
 * contexts. A context has no time of its own and counts at the newest time that the session has told before it; one before any
 * is left out (`untimed`). Coins that are not the run's are passed over. One thread.
 */
import { readBookFields } from '../book-fields.ts'
import type { RowReader } from '../line-source.ts'
import type { MalformedKind } from '../malformed.ts'
import {
  createBookFields,
  createContextFields,
  createTradeFields,
  isMissing,
  isObject,
  readContextFields,
  readTradeFields,
} from '../row-fields.ts'
import type { RowIntake } from '../row-intake.ts'
import type { RunSymbols } from '../run-symbols.ts'
import { messageOfLine, noMessage } from '../session-line.ts'
import { parseVenueMessage } from './messages.ts'
import { notScanned } from './row-scanner.ts'
import { TidWindow } from './tid-window.ts'

export const hyperliquidSessionExample = '1737918844167767000 {"channel":"trades","data":[…]}'

export class HyperliquidSessionRows implements RowReader {
  readonly #symbols: RunSymbols
  readonly #intake: RowIntake
  readonly #trade = createTradeFields()
  readonly #context = createContextFields()
  readonly #book = createBookFields()
  /** By symbol index. */
  readonly #recent: TidWindow[] = []
  #newestMs = Number.NEGATIVE_INFINITY

  constructor(symbols: RunSymbols, intake: RowIntake) {
    this.#symbols = symbols
    this.#intake = intake
  }

  scan(): number {
    return notScanned
  }

  readText(line: string): void {
    const text = messageOfLine(line)
    if (text === noMessage) {
      this.#intake.passOver()
      return
    }
    if (text === null) {
      this.#intake.refuse('bad_line')
      return
    }
    const message = parseVenueMessage(text)
    switch (message.channel) {
      case 'trades':
        for (const trade of message.trades) this.#readTrade(trade)
        return
      case 'l2Book':
        this.#readBook(message.coin, message.time, message.levels)
        return
      case 'activeAssetCtx':
        this.#readContext(message.coin, message.context)
        return
      case 'malformed':
        if (message.kind === 'unknown_channel') this.#intake.leaveOut('other_message')
        else this.#intake.refuse(message.kind)
        return
      case 'greeting':
      case 'pong':
      case 'subscriptionResponse':
      case 'error':
        this.#intake.passOver()
        return
    }
  }

  #readTrade(trade: unknown): void {
    const intake = this.#intake
    if (!isObject(trade)) {
      intake.refuse('bad_message')
      return
    }
    const symbol = this.#symbols.find(trade.coin)
    if (typeof symbol === 'string') intake.refuse(symbol)
    else if (symbol === null) intake.passOver()
    else {
      const { time, px, sz, side, tid } = trade
      const kind = readTradeFields(symbol.instrument, time, px, sz, side, this.#trade) ?? faultOfTid(tid)
      if (kind !== null) {
        intake.refuse(kind)
        return
      }
      this.#recent[symbol.index] ??= new TidWindow()
      if (!this.#recent[symbol.index]!.add(tid as number)) {
        intake.leaveOut('duplicate')
        return
      }
      this.#newestMs = Math.max(this.#newestMs, this.#trade.atMs)
      intake.trade(symbol.index, this.#trade)
    }
  }

  #readBook(coin: unknown, time: unknown, levels: readonly unknown[]): void {
    const intake = this.#intake
    const symbol = this.#symbols.find(coin)
    if (typeof symbol === 'string') intake.refuse(symbol)
    else if (symbol === null) intake.passOver()
    else {
      const kind = readBookFields(symbol.instrument, time, levels[0], levels[1], 'object', this.#book)
      if (kind !== null) {
        intake.refuse(kind)
        return
      }
      this.#newestMs = Math.max(this.#newestMs, this.#book.atMs)
      intake.book(symbol.index, this.#book)
    }
  }

  #readContext(coin: unknown, context: Record<string, unknown>): void {
    const intake = this.#intake
    const symbol = this.#symbols.find(coin)
    if (typeof symbol === 'string') intake.refuse(symbol)
    else if (symbol === null) intake.passOver()
    else {
      const { funding, openInterest, markPx, oraclePx } = context
      const fields = this.#context
      const kind = readContextFields(symbol.instrument, funding, openInterest, markPx, oraclePx, fields)
      if (kind !== null) intake.refuse(kind)
      else if (this.#newestMs === Number.NEGATIVE_INFINITY) intake.leaveOut('untimed')
      else {
        fields.atMs = this.#newestMs
        intake.context(symbol.index, fields)
      }
    }
  }
}

function faultOfTid(tid: unknown): MalformedKind | null {
  if (isMissing(tid)) return 'missing_tid'
  return Number.isSafeInteger(tid) ? null : 'bad_tid'
}
