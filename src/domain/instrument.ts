/** What a symbol's numbers mean: its tick and its lot. Pure; any thread. */
import { minorPerUnit, powersOfTen } from './units.ts'

/** A symbol and its grid. */
export interface Instrument {
  /** The exchange's name of the coin, e.g. `BTC`; 1–16 bytes. */
  readonly symbol: string
  /** One tick is 10^−priceDecimals of the quote currency; 0 … 8. */
  readonly priceDecimals: number
  /** One lot is 10^−sizeDecimals coins; 0 … 8. */
  readonly sizeDecimals: number
}

/**
 * Hyperliquid's perpetuals: prices carry at most 6 − sizeDecimals decimals (docs, "Tick and lot size"). A symbol that is
 * not listed here takes {@link defaultInstrument}; the configuration's `instruments` overrides both.
 */
export const knownInstruments: Readonly<Record<string, Omit<Instrument, 'symbol'>>> = {
  BTC: { priceDecimals: 1, sizeDecimals: 5 },
  ETH: { priceDecimals: 2, sizeDecimals: 4 },
  SOL: { priceDecimals: 4, sizeDecimals: 2 },
  DOGE: { priceDecimals: 6, sizeDecimals: 0 },
  AVAX: { priceDecimals: 4, sizeDecimals: 2 },
}

/** The grid of a symbol that nobody described: fine enough for every perpetual of Hyperliquid and of Binance USD-M. */
export const defaultInstrument: Omit<Instrument, 'symbol'> = { priceDecimals: 8, sizeDecimals: 5 }

export function instrumentOf(
  symbol: string,
  overrides: Readonly<Record<string, Omit<Instrument, 'symbol'>>> = {},
): Instrument {
  return { symbol, ...(gridIn(overrides, symbol) ?? gridIn(knownInstruments, symbol) ?? defaultInstrument) }
}

/** Of its own only: a symbol may be called `constructor`. */
function gridIn<Grid>(grids: Readonly<Record<string, Grid>>, symbol: string): Grid | undefined {
  return Object.hasOwn(grids, symbol) ? grids[symbol] : undefined
}

/** A price in units of the quote currency, for people and JSON. */
export function toPrice(instrument: Instrument, ticks: number): number {
  return ticks / powersOfTen[instrument.priceDecimals]!
}

/** A quantity in coins, for people and JSON. */
export function toQuantity(instrument: Instrument, lots: number): number {
  return lots / powersOfTen[instrument.sizeDecimals]!
}

/**
 * What `lots` are worth at `ticks`, in minor units, rounded half away from zero. Both integers; the product is taken exactly
 * (in a bigint where a double would not hold it).
 */
export function notionalMinor(instrument: Instrument, ticks: number, lots: number): number {
  const scale = instrument.priceDecimals + instrument.sizeDecimals
  const product = ticks * lots
  if (Math.abs(product) * minorPerUnit <= Number.MAX_SAFE_INTEGER) {
    const scaled = (product * minorPerUnit) / powersOfTen[scale]!
    return Math.sign(scaled) * Math.round(Math.abs(scaled)) + 0
  }
  const divisor = 10n ** BigInt(scale)
  const exact = BigInt(ticks) * BigInt(lots) * BigInt(minorPerUnit)
  const magnitude = exact < 0n ? -exact : exact
  const rounded = Number((magnitude * 2n + divisor) / (divisor * 2n))
  return exact < 0n ? -rounded : rounded
}
