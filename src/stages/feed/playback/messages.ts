/**
 * Market records written as Hyperliquid's WebSocket messages. What recordings lack (tid, hash, users, and of a context all but
 * funding, open interest, mark and oracle) is made up, the same at every playback. Pure; any thread.
 */
import type { Instrument } from '../../../domain/instrument.ts'

/** A trade as it is played, with its number, which makes its tid. */
export interface TapeTrade {
  readonly unixMs: number
  readonly priceTicks: number
  readonly quantityLots: number
  readonly aggressor: number
  /** From 0, over all trades of the recordings in the order of the merge, and on through every loop. */
  readonly ordinal: number
}

export interface TapeContext {
  readonly markTicks: number
  readonly oracleTicks: number
  readonly openInterestLots: number
  readonly fundingRate: number
}

/** Made-up tids begin here, so that none is small enough to be mistaken for a count. */
export const tidBase = 1e12

export function tradesText(instrument: Instrument, trades: readonly TapeTrade[]): string {
  return `{"channel":"trades","data":[${trades.map((trade) => tradeText(instrument, trade)).join(',')}]}`
}

export function contextText(instrument: Instrument, context: TapeContext): string {
  const { priceDecimals, sizeDecimals } = instrument
  return JSON.stringify({
    channel: 'activeAssetCtx',
    data: {
      coin: instrument.symbol,
      ctx: {
        funding: plainDecimal(context.fundingRate),
        openInterest: scaledText(context.openInterestLots, sizeDecimals),
        prevDayPx: null,
        dayNtlVlm: null,
        premium: null,
        oraclePx: scaledText(context.oracleTicks, priceDecimals),
        markPx: scaledText(context.markTicks, priceDecimals),
        midPx: null,
        impactPxs: null,
        dayBaseVlm: null,
      },
    },
  })
}

function tradeText(instrument: Instrument, trade: TapeTrade): string {
  const { priceDecimals, sizeDecimals, symbol } = instrument
  const hex = trade.ordinal.toString(16)
  return JSON.stringify({
    coin: symbol,
    side: trade.aggressor > 0 ? 'B' : 'A',
    px: scaledText(trade.priceTicks, priceDecimals),
    sz: scaledText(trade.quantityLots, sizeDecimals),
    time: trade.unixMs,
    hash: `0x${hex.padStart(64, '0')}`,
    tid: tidBase + trade.ordinal,
    users: [`0x${`1${hex}`.padStart(40, '0')}`, `0x${`2${hex}`.padStart(40, '0')}`],
  })
}

/** `integer` × 10^−`decimals` as the venue writes it: `65640.0`, `0.00162`. Exact; for integers of at least 0. */
export function scaledText(integer: number, decimals: number): string {
  const digits = String(integer).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${whole}.${fraction === '' ? '0' : fraction}`
}

/** A number without an exponent; reading it gives the same number. For magnitudes below 10^21. */
export function plainDecimal(value: number): string {
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text)
  if (match === null) return text.includes('.') ? text : `${text}.0`
  const [, sign, first, rest = '', exponent] = match
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${first}${rest}`
}
