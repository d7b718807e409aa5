/**
 * What the columns of hourly Parquet files mean at each venue, where a column's name does not tell. Pure.
 *
 * Read off the recordings themselves, and checked in `test/golden/parquet-terms.test.ts`:
 *   - A funding rate is the fraction of one funding period, whose length differs by venue and coin (1, 4 or 8 hours): the median
 *     distance of its rows. The run wants the fraction of an hour.
 *   - A figure stamped at the whole hour may be the payment of that instant, or the mean of the hour that begins there. The
 *     change of Hyperliquid's funding, and of everybody's hourly open interest, goes with the return of the hour *after* the stamp: it
 *     is such a mean, and knows that hour. Told at the stamp it would be the future, so it is told when the hour is over. The other
 *     venues' funding knows nothing of the hour after, and is told at its stamp.
 *   - OKX counts in contracts: the volume of its candles, and the quantity behind the `size_usd` of its liquidations.
 */

/** Venues whose funding is stamped when it is paid. Of one that is not listed the later time is assumed: late is not wrong. */
const paidAtStamp: ReadonlySet<string> = new Set(['binance', 'bybit', 'dydx', 'kraken', 'lighter', 'okx'])

/** Coins in one contract of OKX's USDT-margined swaps. */
const okxContractCoins: Readonly<Record<string, number>> = { BTC: 0.01, ETH: 0.1, SOL: 1, DOGE: 1000, HYPE: 0.1 }

/** Whether a funding rate is known at its stamp; otherwise when the period that begins there is over. */
export function isFundingKnownAtStamp(venue: string): boolean {
  return paidAtStamp.has(venue)
}

/** Coins in one unit of the venue's quantities; null: nobody has said. */
export function coinsPerUnit(venue: string, coin: string): number | null {
  return venue === 'okx' ? (okxContractCoins[coin] ?? null) : 1
}
