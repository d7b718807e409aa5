/**
 * The sample played over and over into the engine, in event time: what counts hours, days and windows goes on beyond midnight as in a
 * market that repeats itself, and no event's id comes twice.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import type { LifecycleState } from '../../src/domain/event.ts'
import { clearRecord, createMarketRecord, recordKinds } from '../../src/domain/market.ts'
import { msPerDay } from '../../src/domain/units.ts'
import { Engine } from '../../src/engine.ts'
import { PlaybackTape } from '../../src/stages/feed/playback/tape.ts'
import { openRecordings } from '../../src/stages/feed/recorded-feed.ts'
import {
  createContextFields,
  createTradeFields,
  readContextFields,
  readTradeFields,
} from '../../src/stages/feed/row-fields.ts'
import { root } from '../support/command.ts'

const samples = join(root, 'samples')
const files = readdirSync(samples).flatMap((name) => (name.endsWith('.jsonl.gz') ? [join(samples, name)] : []))
/** Four hours and a quarter: the third loop is beyond midnight. */
const fromUnixMs = Date.UTC(2026, 5, 17, 14, 15)
const loops = 3

const types = ['FAILED_HUNT', 'FUNDING_SNAPBACK', 'INVENTORY_DISTRIBUTION', 'LIQUIDATION_CASCADE']

/** What came of a loop. */
interface LoopTally {
  readonly events: Record<string, number>
  settled: number
}

it('looped sample: each loop has events of every type and trades, beyond midnight too, and no id comes twice', async () => {
  const warmup = await openRecordings(files, { untilUnixMs: fromUnixMs })
  const { timeline, instruments } = warmup
  const tape = await PlaybackTape.open({ files, fromUnixMs, loops })
  const loopMs = tape.endUnixMs - tape.startUnixMs + 1
  const tallies = Array.from({ length: loops }, (): LoopTally => ({ events: {}, settled: 0 }))
  const tallyAt = (atNs: number): LoopTally =>
    tallies[Math.floor((timeline.toUnixMs(atNs) - tape.startUnixMs) / loopMs)]!
  const ends = new Map<string, LifecycleState>()
  let repeated = 0
  const reports: string[] = []
  const engine = new Engine({
    config: parseConfig(null, null),
    instruments,
    timeline,
    backend: 'auto',
    journal: null,
    monotonicNs: () => 0,
    mode: 'replay',
    report: (line) => reports.push(line),
    observer: (message) => {
      if (message.kind === 'settled') tallyAt(message.atNs).settled += 1
      if (message.kind !== 'event') return
      const { eventId, eventType } = message.event
      if (message.state === 'TRIGGERED') {
        const { events } = tallyAt(message.atNs)
        events[eventType] = (events[eventType] ?? 0) + 1
        if (ends.has(eventId)) repeated += 1
      }
      ends.set(eventId, message.state)
    },
  })
  for (let batch = await warmup.nextBatch(); batch.count > 0; batch = await warmup.nextBatch()) {
    for (let at = 0; at < batch.count; at += 1) engine.warmUp(batch.records[at]!)
  }
  await warmup.close()

  const record = createMarketRecord()
  const trade = createTradeFields()
  const context = createContextFields()
  let malformed = 0
  const send = (channel: string, coin: string, text: string): void => {
    const symbolIndex = tape.symbols.indexOf(coin)
    const instrument = instruments[symbolIndex]!
    const { data } = JSON.parse(text)
    if (channel === 'trades') {
      for (const row of data) {
        if (readTradeFields(instrument, row.time, row.px, row.sz, row.side, trade) !== null) malformed += 1
        clearRecord(record, recordKinds.trade, symbolIndex, timeline.fromUnixMs(trade.atMs))
        record.priceTicks = trade.priceTicks
        record.quantityLots = trade.quantityLots
        record.aggressor = trade.aggressor
        engine.process(record)
      }
      return
    }
    const { funding, openInterest, markPx, oraclePx } = data.ctx
    if (readContextFields(instrument, funding, openInterest, markPx, oraclePx, context) !== null) malformed += 1
    const { atMs: _none, ...fields } = context
    clearRecord(record, recordKinds.context, symbolIndex, engine.nowNs)
    engine.process(Object.assign(record, fields))
  }
  while ((await tape.play(Number.POSITIVE_INFINITY, send)) !== 'end');
  engine.stop()

  expect({ malformed, repeated, reports }).toEqual({ malformed: 0, repeated: 0, reports: [] })
  expect(engine.lastNs).toBeGreaterThan(msPerDay * 1e6)
  for (const { events, settled } of tallies) {
    expect(Object.keys(events).sort()).toEqual(types)
    expect(events.LIQUIDATION_CASCADE).toBeGreaterThan(10)
    expect(settled).toBeGreaterThan(10)
  }
  await tape.close()
  engine.close()
})
