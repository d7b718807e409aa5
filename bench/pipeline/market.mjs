/** A made-up market for the pipeline's rows: three symbols that walk a little, one trade after the other; warm before it is measured. */
import { parseConfig } from '../../dist/config.js'
import { instrumentOf } from '../../dist/domain/instrument.js'
import { createMarketRecord, recordKinds } from '../../dist/domain/market.js'
import { Timeline } from '../../dist/domain/units.js'

const symbols = ['BTC', 'ETH', 'SOL']
const warmSeconds = 1_500
const nsPerSecond = 1e9

export const timeline = new Timeline(0)
export const instruments = symbols.map((symbol) => instrumentOf(symbol))

/** A policy under which every event is entered at once, so that each is decided on and reserved. */
export const config = parseConfig(
  {
    name: 'bench',
    text: JSON.stringify({
      symbols,
      policy: { selection: 'portfolio', max_open_positions: 16, max_positions_per_symbol: 16, interlock: null },
    }),
  },
  null,
)

export class Market {
  #record = createMarketRecord()
  #ticks = [650_000, 30_000, 15_000]
  #next = 0
  #seed = 1
  /** Event time of the last record. */
  atNs = 0

  /** The next trade, `afterNs` of event time later. Valid until the next call. */
  trade(afterNs) {
    const symbolIndex = this.#next
    this.#next = (symbolIndex + 1) % symbols.length
    this.#seed = (this.#seed * 48_271) % 2_147_483_647
    this.#ticks[symbolIndex] += (this.#seed % 3) - 1
    this.atNs = Math.round(this.atNs + afterNs)
    const record = this.#record
    record.kind = recordKinds.trade
    record.symbolIndex = symbolIndex
    record.atNs = this.atNs
    record.priceTicks = this.#ticks[symbolIndex]
    record.quantityLots = 100
    record.aggressor = this.#seed % 2 === 0 ? 1 : -1
    return record
  }

  /** What makes the state know its regimes. */
  warmUp(take) {
    for (let count = 0; count < warmSeconds * symbols.length; count++) take(this.trade(nsPerSecond / symbols.length))
  }
}
