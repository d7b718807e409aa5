/**
 * A process of its own that makes decisions: the whole engine on made-up trades, with detectors that fire, advance and end events at
 * random and a strategy that enters, declines and gives up. Says what came of it and how much memory it had on the way.
 *
 * Argument: `{decisions, samples, seed, leak}`; `leak` keeps every decision: the canary. Needs --expose-gc.
 */
import { Random } from '../../../dist/base/random.js'
import { parseConfig } from '../../../dist/config.js'
import { decisionHeader } from '../../../dist/domain/decision-record.js'
import { instrumentOf } from '../../../dist/domain/instrument.js'
import { clearRecord, createMarketRecord, recordKinds } from '../../../dist/domain/market.js'
import { Timeline } from '../../../dist/domain/units.js'
import { Engine } from '../../../dist/engine.js'
import { journalFrames } from '../../../dist/journal/journal-frame.js'
import { journalSeries } from '../../../dist/journal/series.js'
import { Tracker } from '../../../dist/stages/counterfactual/tracker.js'
import { trackingFrames } from '../../../dist/stages/counterfactual/tracking-frames.js'

const { decisions, samples, seed, leak } = JSON.parse(process.argv[2])
const random = new Random(seed)
const symbols = ['BTC', 'ETH', 'SOL', 'DOGE']
const kinds = { LIQUIDATION_CASCADE: 'a', FAILED_HUNT: 'b', FUNDING_SNAPBACK: 'c', INVENTORY_DISTRIBUTION: 'd' }
const centres = [600_000, 35_000, 150_000, 160_000]

const happens = (chance) => random.fraction() < chance
/** Ticks so far from a price, at least one. */
const beyond = (ticks, direction, share) => ticks + direction * Math.max(1, Math.round(ticks * share))

/** @type {import('../../../src/stages/detection/detector.ts').DetectorWatch} */
const watch = {
  step(row, context) {
    const { live, instrument } = context
    if (live !== null) {
      if (!happens(0.15)) return
      if (live.state === 'TRIGGERED' && happens(0.5)) context.advance('ACTIVE', { step: 1 })
      else context.advance(happens(0.5) ? 'COMPLETED' : 'INVALIDATED', { step: 2 })
      return
    }
    if (!happens(0.4)) return
    const last = prices[symbols.indexOf(instrument.symbol)]
    const direction = happens(0.5) ? 1 : -1
    context.fire({
      side: direction > 0 ? 'long' : 'short',
      priorityScore: random.fraction(),
      targetTicks: beyond(last, direction, 0.004),
      stopTicks: beyond(last, -direction, 0.003),
      winRate: 0.4,
      lifeNs: random.integer(5, 60) * 1_000_000,
      evidence: { regime: row[0] },
    })
  },
}

const strategy = {
  name: 'at random',
  eventTypes: Object.keys(kinds),
  // Pure: the event alone tells.
  onEvent({ side, targetTicks, stopTicks, detectedAtNs }, { lastTicks }) {
    const mood = (detectedAtNs / 1_000_000) % 13
    if (mood === 1) return { declined: 'a bad day' }
    const [low, high] = side === 'long' ? [stopTicks, targetTicks] : [targetTicks, stopTicks]
    if (lastTicks <= low || lastTicks >= high) return null
    return { side, sizeFraction: 0.01, targetTicks, stopTicks, timeStopNs: (1 + mood) * 2_000_000 }
  },
}

const heard = {
  decisions: 0,
  gaps: 0,
  candidates: 0,
  names: 0,
  entries: 0,
  selected: 0,
  earned: 0,
  supposed: 0,
  lines: Object.fromEntries(journalSeries.map((s) => [s, 0])),
}
let lastSequence = 0
/** Follows the candidates of every decision, as the journal's thread does. */
let tracker
/** Takes what the journal's thread would, in the binary that it would, and counts it. */
const port = {
  payload: new Float64Array(65_536),
  claim: () => 0,
  commit(kind, length) {
    if (kind === trackingFrames.plans) tracker.planned(port.payload, 0)
    else if (kind === journalFrames.decision) {
      heard.decisions += 1
      tracker.decided(port.payload, 0, length)
      heard.candidates += port.payload[decisionHeader.candidateCount]
      const sequence = port.payload[decisionHeader.sequence]
      if (sequence !== lastSequence + 1) heard.gaps += 1
      lastSequence = sequence
    } else if (kind === journalFrames.eventName) heard.names += 1
    else heard.lines[journalSeries[port.payload[0]]] += 1
  },
}
const tracking = {
  payload: new Float64Array(65_536),
  claim: () => 0,
  commit: (kind, length) => tracker.take(kind, tracking.payload, 0, length),
  end: () => tracker.finish(),
}
const journal = {
  nextSequence: 1,
  wasFull: false,
  isBroken: false,
  tracking,
  connect(names, setup) {
    tracker = new Tracker(setup, names.timeline, ({ outcomes }) => {
      heard.entries += 1
      for (const { isSelected, outcome } of outcomes) {
        if (isSelected) heard.selected += 1
        if (outcome !== null) heard[isSelected ? 'earned' : 'supposed'] += 1
      }
    })
    return port
  },
  connectAway: () => null,
  settle: () => ({ status: 'ok' }),
  close: async () => {},
  abandon: async () => {},
}

const config = {
  capital: 1_000_000,
  symbols,
  event_capacity: 64,
  fill: { taker_fee_bps: 0, maker_fee_bps: 0, slippage_bps: 0, entry_limit_bps: 2, latency_ms: 2 },
  policy: { selection: 'portfolio', max_open_positions: 4, interlock: { scope: 'symbol' }, decision_interval_ms: 100 },
}
const kept = []
const events = { triggered: 0, ended: 0 }
let settled = 0
const reports = []
const engine = new Engine({
  config: parseConfig({ text: JSON.stringify(config), name: 'soak' }, null),
  instruments: symbols.map((symbol) => instrumentOf(symbol)),
  timeline: new Timeline(1_781_654_400_000),
  backend: 'native',
  journal,
  monotonicNs: () => Number(process.hrtime.bigint()),
  mode: 'replay',
  detectors: Object.entries(kinds).map(([eventType, kind]) => ({ eventType, kind, watch: () => watch })),
  strategies: [strategy],
  report: (line) => reports.push(line),
  observer: (message) => {
    if (message.kind === 'event') {
      if (message.state === 'TRIGGERED') events.triggered += 1
      else if (message.state === 'COMPLETED' || message.state === 'INVALIDATED') events.ended += 1
    } else if (message.kind === 'settled') settled += 1
    else if (message.kind === 'reserved' && leak) kept.push(message)
  },
})

const record = createMarketRecord()
const prices = [...centres]
let atNs = 0
/** A walk that is drawn back to its centre: a run of any length stays in the market. */
function nextRecord(stepMs) {
  atNs += stepMs * 1_000_000
  const symbolIndex = random.integer(0, symbols.length - 1)
  const centre = centres[symbolIndex]
  if (happens(0.001)) {
    clearRecord(record, recordKinds.context, symbolIndex, atNs)
    record.markTicks = prices[symbolIndex]
    record.oracleTicks = prices[symbolIndex]
    record.openInterestLots = 1_000_000
    record.fundingRate = (random.fraction() - 0.5) * 1e-4
    return record
  }
  const pull = (centre - prices[symbolIndex]) / centre
  prices[symbolIndex] = Math.round(prices[symbolIndex] * (1 + 0.05 * pull + (random.fraction() - 0.5) * 0.001))
  clearRecord(record, recordKinds.trade, symbolIndex, atNs)
  record.priceTicks = prices[symbolIndex]
  record.quantityLots = random.integer(1, 1_000)
  record.aggressor = happens(0.5) ? 1 : -1
  return record
}

const memory = { heapUsed: [], outside: [], rss: [] }
function sample() {
  global.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  // `external` has the ArrayBuffers in it.
  memory.heapUsed.push(heapUsed)
  memory.outside.push(external)
  memory.rss.push(rss)
}

// A regime takes five minutes to be known.
for (let index = 0; index < 4_000; index += 1) engine.warmUp(nextRecord(100))
const beganMs = performance.now()
const every = decisions / samples
for (let next = every; engine.decisions < decisions; ) {
  engine.process(nextRecord(random.integer(1, 4)))
  if (engine.decisions < next) continue
  sample()
  next += every
}
const seconds = (performance.now() - beganMs) / 1_000
engine.stop()
const { registry, reservation, arbitration } = engine.figures()
const { order, outcome, region } = engine
process.stdout.write(
  JSON.stringify({
    seconds,
    decisions: engine.decisions,
    records: engine.records,
    kept: kept.length,
    heard,
    events,
    registered: registry.registered,
    live: region.events.countLive(),
    arbitration,
    reservation,
    order: order.counters,
    settled,
    trades: outcome.books.trades,
    positions: region.reservations.account().positions.length,
    reports: reports.slice(0, 10),
    memory,
  }),
)
engine.close()
