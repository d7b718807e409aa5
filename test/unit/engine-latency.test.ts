/** What the engine measures, by a scripted clock: which records, from when on, and where it is kept. */
import { afterEach, expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { instrumentOf } from '../../src/domain/instrument.ts'
import { createMarketRecord, type MarketRecord, recordKinds } from '../../src/domain/market.ts'
import { Timeline } from '../../src/domain/units.ts'
import { Engine } from '../../src/engine.ts'
import type { EngineOptions } from '../../src/engine-options.ts'
import { latencyNames } from '../../src/pipeline/stage-latency.ts'
import { Region } from '../../src/region/region.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

/** Each reading of its clock is 10 ns later than the one before. */
function setUp(mode: EngineOptions['mode']): { engine: Engine; clock: { nowNs: number; readings: number } } {
  const clock = { nowNs: 1_000, readings: 0 }
  const engine = new Engine({
    config: parseConfig(null, null),
    instruments: [instrumentOf('BTC')],
    timeline: new Timeline(1_781_654_400_000),
    backend: 'auto',
    journal: null,
    mode,
    report: () => undefined,
    monotonicNs: () => {
      clock.readings += 1
      clock.nowNs += 10
      return clock.nowNs
    },
  })
  open.push(engine)
  return { engine, clock }
}

const trade = (index: number): MarketRecord =>
  Object.assign(createMarketRecord(), {
    ...{ kind: recordKinds.trade, atNs: index * 1e6, priceTicks: 600_000, quantityLots: 1, aggressor: 1 },
  })

it('engine: a replay measures one record in 16, with each stage on its way, and reads no clock for the others', () => {
  const { engine, clock } = setUp('replay')
  for (let index = 1; index <= 15; index += 1) engine.process(trade(index))
  expect(clock.readings).toBe(0)
  engine.process(trade(16))
  // Its beginning; state, detection, arbitration; its end.
  expect(clock.readings).toBe(5)
  for (let index = 17; index <= 160; index += 1) engine.process(trade(index))
  const { latency } = engine.figures()
  const measured = Object.entries(latency).filter(([, { count }]) => count > 0)
  expect(measured.map(([name, { count, maxNs }]) => [name, count, maxNs])).toEqual([
    ['state', 10, 10],
    ['detection', 10, 20],
    ['arbitration', 10, 30],
    ['record', 10, 40],
  ])
})

it('engine: a record that has its time of receipt is measured from then on, whichever record it is', () => {
  const { engine, clock } = setUp('replay')
  engine.process(trade(1), clock.nowNs - 500)
  expect(engine.figures().latency.state).toMatchObject({ count: 1, maxNs: 510 })
  expect([engine.recordLatency.count, engine.recordLatency.max]).toEqual([1, 540])
})

it('engine: a live run measures every record', () => {
  const { engine } = setUp('live')
  for (let index = 1; index <= 7; index += 1) engine.process(trade(index))
  expect([engine.recordLatency.count, engine.figures().latency.arbitration.count]).toEqual([7, 7])
})

it('engine: all of it is in the region, where another attachment reads it', () => {
  const { engine, clock } = setUp('replay')
  engine.process(trade(1), clock.nowNs)
  const other = Region.attach(engine.region.descriptor)
  open.push(other)
  const counts = latencyNames.map((name) => [name, other.histogram(name).count])
  expect(counts.filter(([, count]) => count === 1).map(([name]) => name)).toEqual([
    'state',
    'detection',
    'arbitration',
    'record',
  ])
})
