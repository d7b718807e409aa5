/** The summary of a run over a few trades. */
import { parseConfig } from '../../src/config.ts'
import { instrumentOf } from '../../src/domain/instrument.ts'
import { createMarketRecord, recordKinds } from '../../src/domain/market.ts'
import { Timeline } from '../../src/domain/units.ts'
import { Engine } from '../../src/engine.ts'
import { EventCounts, type Summary, summarize } from '../../src/summary.ts'

const timeline = new Timeline(1_781_654_400_000)
export const instruments = [instrumentOf('BTC')]

export function summaryOf(tradesAtMs: readonly number[], events = new EventCounts()): Summary {
  const engine = new Engine({
    config: parseConfig(null, null),
    instruments,
    timeline,
    backend: 'auto',
    journal: null,
    monotonicNs: () => 0,
    mode: 'replay',
    report: () => {},
  })
  for (const atMs of tradesAtMs) {
    const trade = { kind: recordKinds.trade, atNs: atMs * 1e6, priceTicks: 600_000, quantityLots: 1, aggressor: 1 }
    engine.process(Object.assign(createMarketRecord(), trade))
  }
  engine.stop()
  const summary = summarize({
    engine,
    events,
    malformed: new Map([
      ['bad_px', 2],
      ['bad_json', 1],
    ]),
    toUnixNs: (atNs) => timeline.toUnixNs(atNs),
    seconds: 2,
    peakRssBytes: 3 * 1_048_576,
    journal: null,
  })
  engine.close()
  return summary
}
