/**
 * A detector of one's own, and its test. Run it from a checkout or a project that has signalbox installed:
 *
 *     node examples/own-detector.mjs                        # the test: records in, expected events out
 *     node examples/own-detector.mjs samples/*.jsonl.gz     # the same detector on recordings
 */
import assert from 'node:assert/strict'
import {
  changesIn,
  createMarketRecord,
  DetectionRun,
  eventTypesOf,
  hotFieldIndex as at,
  instrumentOf,
  openRecordings,
  parsePolicy,
  recordKinds,
  Timeline,
} from 'signalbox'

/** Somebody trades fifty times the usual volume within a second: long with the buyers, short with the sellers. */
const volumeSpike = {
  eventType: 'VOLUME_SPIKE',
  kind: 'spike',
  watch: () => ({
    step(row, context) {
      const { live } = context
      if (live !== null) {
        const direction = live.side === 'long' ? 1 : -1
        if (direction * (row[at.lastTicks] - live.targetTicks) >= 0) context.advance('COMPLETED')
        else if (direction * (row[at.lastTicks] - live.stopTicks) <= 0) context.advance('INVALIDATED')
        return
      }
      // NaN while the usual volume is not known: then the comparison is false.
      const ratio = row[at.volumeLots1s] / row[at.volumeLots1sLong]
      if (!(ratio > 50) || context.nowNs < context.lastEndedAtNs + 60e9) return
      const last = row[at.lastTicks]
      const direction = Math.sign(row[at.signedLots1s]) || 1
      context.fire({
        side: direction > 0 ? 'long' : 'short',
        priorityScore: 1 - 50 / ratio,
        targetTicks: Math.round(last * (1 + 0.002 * direction)),
        stopTicks: Math.round(last * (1 - 0.001 * direction)),
        winRate: 0.35,
        lifeNs: 120e9,
        evidence: { volume_ratio: ratio },
      })
    },
  }),
}

/** The policy declares the type: its tier, and how well it suits each regime. */
const policy = parsePolicy({
  types: { VOLUME_SPIKE: { tier: 2 } },
  regime_table: { VOLUME_SPIKE: { expansion: 1, trend: 0.8, sideways: 0.5, contraction: 0.5 } },
})
const eventTypes = eventTypesOf(policy)
const detectors = [volumeSpike]

/** Twenty minutes of one lot a second around 60,000.0, then a thousand at once, then the price rises. */
function* tape() {
  const record = createMarketRecord()
  record.kind = recordKinds.trade
  for (let second = 0; second < 1_230; second += 1) {
    record.atNs = second * 1e9
    record.aggressor = second % 2 === 0 ? 1 : -1
    record.quantityLots = second === 1_200 ? 1_000 : 1
    record.priceTicks = 600_000 + (second % 3) + Math.max(0, second - 1_200) * 100
    yield record
  }
}

const instruments = [instrumentOf('BTC')]
const changes = changesIn(tape(), { instruments, timeline: new Timeline(1_781_654_400_000), eventTypes, detectors })
assert.deepEqual(
  changes.map(({ event, state, atNs }) => [event.eventId, event.side, state, atNs / 1e9]),
  [
    ['spike_BTC_1781655600000', 'long', 'TRIGGERED', 1_200],
    ['spike_BTC_1781655600000', 'long', 'COMPLETED', 1_212],
  ],
)
console.log('the detector fires once on its tape, and completes at its target')

const files = process.argv.slice(2)
if (files.length > 0) {
  const feed = await openRecordings(files)
  const run = new DetectionRun({
    instruments: feed.instruments,
    timeline: feed.timeline,
    eventTypes,
    detectors,
    onChange: ({ event, state, evidence }) => console.log(event.eventId, event.side, state, evidence),
    report: (line) => console.error(line),
  })
  for (let batch = await feed.nextBatch(); batch.count > 0; batch = await feed.nextBatch()) {
    for (let index = 0; index < batch.count; index += 1) run.process(batch.records[index])
  }
  await feed.close()
}
