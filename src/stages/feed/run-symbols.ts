/**
 * The symbols of a run as recordings of many symbols name them, each with its index and its grid. One thread.
 *
 * Binance's `BTCUSDT` and what recorders made of it, `BTC`, are the run's `BTC`.
 */
import { SignalboxError } from '../../base/errors.ts'
import { type Instrument, instrumentOf } from '../../domain/instrument.ts'
import type { MalformedKind } from './malformed.ts'

/** A symbol as a row reader needs it. */
export interface RowSymbol {
  readonly index: number
  readonly instrument: Instrument
}

const symbolBytesMax = 16
/** What is not seen (controls, a change of writing direction) or is no character would make two symbols look like one. */
const symbolPattern = /^[^\s,"'\p{Cc}\p{Cf}\p{Cs}]+$/u
const quoteCurrency = 'USDT'

export class RunSymbols {
  readonly #bySymbol = new Map<string, RowSymbol>()
  readonly #overrides: Readonly<Record<string, Omit<Instrument, 'symbol'>>> | undefined
  readonly #isOpen: boolean

  /** @param isOpen - Symbols that are not listed are added as they are met; otherwise they are not the run's. */
  constructor(
    symbols: readonly string[],
    overrides: Readonly<Record<string, Omit<Instrument, 'symbol'>>> | undefined,
    isOpen: boolean,
  ) {
    this.#overrides = overrides
    this.#isOpen = isOpen
    for (const symbol of symbols) this.#add(symbol)
  }

  /** By index; a copy. */
  get instruments(): readonly Instrument[] {
    return [...this.#bySymbol.values()].map(({ instrument }) => instrument)
  }

  /** The symbol that a row names; null: not one of the run's; or what is wrong with the name. */
  find(name: unknown): RowSymbol | null | MalformedKind {
    if (name === undefined || name === null || name === '') return 'missing_symbol'
    if (typeof name !== 'string') return 'bad_symbol'
    const known = this.#bySymbol.get(name)
    if (known !== undefined) return known
    if (Buffer.byteLength(name) > symbolBytesMax || !symbolPattern.test(name)) return 'bad_symbol'
    return this.#isOpen ? this.#add(name) : null
  }

  /** As {@link find}, of a name in Binance's fashion. */
  findBinance(name: unknown): RowSymbol | null | MalformedKind {
    const hasQuote = typeof name === 'string' && name.length > quoteCurrency.length && name.endsWith(quoteCurrency)
    return this.find(hasQuote ? name.slice(0, -quoteCurrency.length) : name)
  }

  /** The symbol of a file of one, which the caller has checked to be the run's. */
  of(symbol: string | null): RowSymbol {
    const known = this.#bySymbol.get(symbol ?? '')
    if (known !== undefined) return known
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `${symbol} is not one of the run's symbols`, { field: 'symbol' })
  }

  #add(symbol: string): RowSymbol {
    const added = { index: this.#bySymbol.size, instrument: instrumentOf(symbol, this.#overrides) }
    this.#bySymbol.set(symbol, added)
    return added
  }
}
