/**
 * A raw session of Binance USD-M as rows: `trade` or `aggTrade` as trades, `forceOrder` as liquidations, `markPriceUpdate` as
 * contexts; `bookTicker`, `depthUpdate` and snapshots of the book as books, one record each unless left out (local-book.ts says
 * how they combine). Messages come with their stream's name around them or without. Symbols that are not the run's are passed
 * over. One thread.
 *
 * Trades. A symbol's are read from one of its two streams, the one that comes first: together they would count everything twice.
 * A trade whose X is not MARKET was made by the insurance fund or by auto-deleveraging, at a price that nobody offered: it is left
 * out (`off_book`). What a message does not say (older ones lack X) is MARKET.
 */

import { notScanned } from '../hyperliquid/row-scanner.ts'
import { TidWindow } from '../hyperliquid/tid-window.ts'
import type { LeftOutKind } from '../left-out.ts'
import type { RowReader } from '../line-source.ts'
import type { MalformedKind } from '../malformed.ts'
import {
  createContextFields,
  createLiquidationFields,
  createTradeFields,
  isMissing,
  isObject,
  numberOf,
  parseObject,
  readLiquidationFields,
} from '../row-fields.ts'
import type { RowIntake } from '../row-intake.ts'
import type { RowSymbol, RunSymbols } from '../run-symbols.ts'
import { messageOfLine, noMessage } from '../session-line.ts'
import { LocalBook } from './local-book.ts'
import { type BinanceEvent, readMarkPrice, readSnapshot, readTop, readTrade, readUpdate } from './messages.ts'

export const binanceSessionExample =
  '1723161255088176367 {"stream":"btcusdt@trade","data":{"e":"trade","T":1723161256322,"s":"BTCUSDT",…}}'

/** What is kept of a symbol. */
interface SymbolSession {
  readonly symbol: RowSymbol
  readonly book: LocalBook
  readonly recent: TidWindow
  tradeStream: 'trade' | 'aggTrade' | null
}

export class BinanceSessionRows implements RowReader {
  readonly #symbols: RunSymbols
  readonly #intake: RowIntake
  readonly #trade = createTradeFields()
  readonly #context = createContextFields()
  readonly #liquidation = createLiquidationFields()
  /** By symbol index; in the order of their first messages. */
  readonly #sessions = new Map<number, SymbolSession>()
  /** Every symbol that a depth update has named, the run's or not: whose a snapshot is when there is one. */
  readonly #depthNames = new Set<unknown>()

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
    const message = parseObject(text)
    if (message === null) {
      this.#intake.refuse('json')
      return
    }
    const told = message.stream === undefined ? message : message.data
    // Streams of all symbols (`!markPrice@arr`) tell a list of events.
    const events: readonly unknown[] = Array.isArray(told) ? told : [told]
    for (const event of events) {
      if (isObject(event)) this.#read(event)
      else this.#intake.refuse('bad_message')
    }
  }

  #read(event: BinanceEvent): void {
    switch (event.e) {
      case 'trade':
      case 'aggTrade':
        this.#forSymbol(event.s, (session) => this.#readTrade(session, event, event.e as 'trade' | 'aggTrade'))
        return
      case 'bookTicker':
        this.#forSymbol(event.s, (session) => {
          const top = readTop(session.symbol.instrument, event)
          if (typeof top === 'string') this.#intake.refuse(top)
          else this.#tellBook(session, session.book.top(top))
        })
        return
      case 'depthUpdate':
        this.#depthNames.add(event.s)
        this.#forSymbol(event.s, (session) => {
          const update = readUpdate(session.symbol.instrument, event)
          if (typeof update === 'string') this.#intake.refuse(update)
          else this.#tellBook(session, session.book.update(update))
        })
        return
      case 'forceOrder':
        this.#readForcedOrder(event.o)
        return
      case 'markPriceUpdate':
        this.#forSymbol(event.s, ({ symbol }) => {
          const kind = readMarkPrice(symbol.instrument, event, this.#context)
          if (kind === null) this.#intake.context(symbol.index, this.#context)
          else this.#intake.refuse(kind)
        })
        return
      default:
        if (event.e === undefined && event.lastUpdateId !== undefined) this.#readSnapshot(event)
        else if (event.e === undefined && event.result === undefined) this.#intake.refuse('bad_message')
        else this.#intake.leaveOut('other_message')
    }
  }

  #readTrade(session: SymbolSession, event: BinanceEvent, stream: 'trade' | 'aggTrade'): void {
    const intake = this.#intake
    session.tradeStream ??= stream
    if (session.tradeStream !== stream) {
      intake.leaveOut('other_trade_stream')
      return
    }
    if (!isMissing(event.X) && event.X !== 'MARKET') {
      intake.leaveOut('off_book')
      return
    }
    const id = stream === 'trade' ? event.t : event.a
    const kind = readTrade(session.symbol.instrument, event, this.#trade) ?? faultOfId(id)
    if (kind !== null) intake.refuse(kind)
    else if (!session.recent.add(id as number)) intake.leaveOut('duplicate')
    else intake.trade(session.symbol.index, this.#trade)
  }

  #readForcedOrder(order: unknown): void {
    const intake = this.#intake
    if (!isObject(order)) {
      intake.refuse('bad_message')
      return
    }
    this.#forSymbol(order.s, ({ symbol }) => {
      if (numberOf(order.z) === 0) {
        intake.leaveOut('unfilled')
        return
      }
      const kind = readLiquidationFields(symbol.instrument, order.T, order.S, order.ap, order.z, this.#liquidation)
      if (kind === null) intake.liquidation(symbol.index, this.#liquidation)
      else intake.refuse(kind)
    })
  }

  #readSnapshot(event: BinanceEvent): void {
    if (this.#depthNames.size !== 1) {
      this.#intake.leaveOut('unclaimed_book')
      return
    }
    const [name] = this.#depthNames
    this.#forSymbol(name, (session) => {
      const snapshot = readSnapshot(session.symbol.instrument, event)
      if (typeof snapshot === 'string') this.#intake.refuse(snapshot)
      else this.#tellBook(session, session.book.snapshot(snapshot))
    })
  }

  /** The book has taken a message, or not. */
  #tellBook({ symbol, book }: SymbolSession, notable: LeftOutKind | null): void {
    if (notable !== null) this.#intake.leaveOut(notable)
    // A gap is counted, and the book begins anew with the update behind it: that is a record.
    if (notable !== null && notable !== 'book_gap') return
    if (book.isCrossed) {
      book.reset()
      this.#intake.refuse('crossed_book')
      return
    }
    this.#intake.book(symbol.index, book.fields)
  }

  #forSymbol(name: unknown, read: (session: SymbolSession) => void): void {
    const symbol = this.#symbols.findBinance(name)
    if (typeof symbol === 'string') this.#intake.refuse(symbol)
    else if (symbol === null) this.#intake.passOver()
    else read(this.#sessionOf(symbol))
  }

  #sessionOf(symbol: RowSymbol): SymbolSession {
    let session = this.#sessions.get(symbol.index)
    if (session === undefined) {
      session = { symbol, book: new LocalBook(), recent: new TidWindow(), tradeStream: null }
      this.#sessions.set(symbol.index, session)
    }
    return session
  }
}

function faultOfId(id: unknown): MalformedKind | null {
  if (isMissing(id)) return 'missing_tid'
  return Number.isSafeInteger(id) ? null : 'bad_tid'
}
