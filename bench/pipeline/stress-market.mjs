/** The made-up market of the stress, and the account that trades it. */
import { Random } from '../../dist/base/random.js'
import { parseConfig } from '../../dist/config.js'
import { builtInEventTypes } from '../../dist/domain/event.js'
import { createMarketRecord, recordKinds } from '../../dist/domain/market.js'

export const symbols = Array.from({ length: 50 }, (_, index) => `S${index}`)
export const strategies = 100
/** What an event needs, and what a strategy in a worker claims: minor units of an account of 100,000,000. */
export const eventCapitalMinor = 4_000_000
export const claimCapitalMinor = 9_000_000

/** Its regimes are known after ten minutes. */
const warmSeconds = 900
const nsPerSecond = 1e9

export const instruments = symbols.map((symbol) => ({ symbol, priceDecimals: 1, sizeDecimals: 5 }))

export function typeOf(symbolIndex) {
  return builtInEventTypes[symbolIndex % builtInEventTypes.length]
}

/** The arbiter enters one event in five; what is left, and those too, the strategies race for. Capital is short before slots are. */
export const config = parseConfig(
  {
    name: 'stress',
    text: JSON.stringify({
      symbols,
      capital: 1_000_000,
      instruments: Object.fromEntries(instruments.map(({ symbol, ...grid }) => [symbol, gridText(grid)])),
      policy: { interlock: null, max_open_positions: 16, allocation: 'need', min_priority_score: 0.8 },
      fill: { latency_ms: 5 },
    }),
  },
  null,
)

function gridText({ priceDecimals, sizeDecimals }) {
  return { price_decimals: priceDecimals, size_decimals: sizeDecimals }
}

/** Trades of all symbols in turn. */
export class Market {
  #random = new Random(1)
  #record = createMarketRecord()
  #ticks = symbols.map(() => 100_000)
  #next = 0

  /** Has the state see so much of it that events can be found. @returns The time of the last trade. */
  warm(take) {
    let atNs = 0
    for (let count = warmSeconds * symbols.length; count > 0; count -= 1) {
      atNs += nsPerSecond / symbols.length
      take(this.trade(atNs))
    }
    return atNs
  }

  /** The next trade, in a record that is used again. */
  trade(atNs) {
    const symbolIndex = this.#next
    const record = this.#record
    this.#next = (symbolIndex + 1) % symbols.length
    this.#ticks[symbolIndex] += this.#random.integer(-3, 3)
    record.kind = recordKinds.trade
    record.symbolIndex = symbolIndex
    record.atNs = atNs
    record.priceTicks = this.#ticks[symbolIndex]
    record.quantityLots = 100
    record.aggressor = this.#random.fraction() < 0.5 ? 1 : -1
    return record
  }
}
