/** The live run against a real playback server and a scripted venue on loopback, with a real journal. */
import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Clock, monotonicNs, systemClock } from '../../src/base/clock.ts'
import { Random } from '../../src/base/random.ts'
import { type EngineConfig, parseConfig } from '../../src/config.ts'
import type { MarketRecord } from '../../src/domain/market.ts'
import type { PipelineMessage } from '../../src/domain/message.ts'
import { Journal } from '../../src/journal/journal.ts'
import { journalSeries } from '../../src/journal/series.ts'
import { appendWeightSet } from '../../src/journal/weight-appender.ts'
import { LiveRun } from '../../src/live-run.ts'
import { InlineJournal, type JournalHealth, type RunJournal } from '../../src/pipeline/run-journal.ts'
import type { FeedStatus } from '../../src/stages/feed/hyperliquid/live-feed.ts'
import { startPlaybackServer } from '../../src/stages/feed/playback/server.ts'
import { type MadeUpRecording, writeMadeUpRecording } from '../simulation/made-up-recording.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { FaultyFs } from './journal/faulty-fs.ts'
import { midnightMs, until } from './stages/feed/recordings.ts'
import { ScriptedVenue, tradesMessage, wireTrade } from './stages/feed/venue.ts'

interface Heard {
  readonly run: LiveRun
  readonly messages: PipelineMessage[]
  readonly statuses: FeedStatus[]
  readonly reports: string[]
}

/** A journal on the caller's thread that says of itself that it lags, when it is told to. */
class LaggingJournal extends InlineJournal {
  lags = false
  readonly inner: Journal

  constructor(inner: Journal) {
    super(inner)
    this.inner = inner
  }

  override get wasFull(): boolean {
    return this.lags
  }

  override settle(): JournalHealth {
    const health = super.settle()
    return health.status === 'ok' && this.lags ? { status: 'full' } : health
  }
}

interface Setup {
  readonly config: EngineConfig
  readonly timeScale?: number
  readonly clock?: Clock
  readonly journal?: Journal | RunJournal
  readonly recording?: MadeUpRecording
}

async function open(setup: Setup): Promise<Heard> {
  const messages: PipelineMessage[] = []
  const statuses: FeedStatus[] = []
  const reports: string[] = []
  const { recording } = setup
  const run = await LiveRun.open({
    config: setup.config,
    backend: 'auto',
    journal: setup.journal ?? null,
    timeScale: setup.timeScale ?? 1,
    warmup: recording?.files ?? [],
    ...(recording === undefined ? {} : { warmupUntilUnixMs: recording.fallUnixMs }),
    clock: setup.clock ?? systemClock,
    random: new Random(1),
    endOnNormalClose: true,
    report: (line) => reports.push(line),
    onStatus: (status) => statuses.push(status),
    observer: (message) => messages.push(message),
  })
  onTestFinished(async () => {
    await run.stop()
    run.engine.close()
  })
  return { run, messages, statuses, reports }
}

/** A playback of the made-up recording from its first fall on, and a run that is warm and listens to it. */
async function openPlayback(over: { timeScale: number; journal?: Journal | RunJournal }): Promise<Heard> {
  const recording = writeMadeUpRecording(temporaryFolder())
  const server = await startPlaybackServer({
    files: recording.files,
    timeScale: over.timeScale,
    clock: monotonicNs,
    fromUnixMs: recording.fallUnixMs,
  })
  onTestFinished(() => server.stop())
  const config = { ...parseConfig(null, null), feed: server.url, symbols: server.symbols }
  return await open({ config, recording, ...over })
}

const kindsOf = (messages: readonly PipelineMessage[], kind: PipelineMessage['kind']): number =>
  messages.filter((message) => message.kind === kind).length

describe('live run', () => {
  it('a playback: events are detected, entered and settled; decision time never goes back; nothing is left open', async () => {
    const { run, messages, reports } = await openPlayback({ timeScale: 60 })
    const early: string[] = []
    const process = run.engine.process.bind(run.engine)
    run.engine.process = (record: MarketRecord) => {
      if (record.atNs < run.engine.nowNs) early.push(`${record.atNs} after ${run.engine.nowNs}`)
      process(record)
    }
    run.start()
    await run.ended
    await run.stop()
    expect(early).toEqual([])
    expect(kindsOf(messages, 'detected')).toBeGreaterThanOrEqual(2)
    expect(kindsOf(messages, 'settled')).toBeGreaterThanOrEqual(1)
    const decidedAt = messages.flatMap((message) => (message.kind === 'decision' ? [message.atNs] : []))
    expect(decidedAt).toEqual([...decidedAt].sort((one, other) => one - other))
    expect(run.engine.region.reservations.positions()).toEqual([])
    expect(reports).toEqual(['the state is warm'])
    expect(run.engine.records).toBeGreaterThan(500)
  })

  it('with weight sets in its folder it begins with the newest and says so; a wrong line is told and changes nothing', async () => {
    const folder = temporaryFolder()
    const weights = { priorityScore: 0, freshness: 1, regimeAlignment: 0, expectedValue: 0 }
    const draft = { weights, byRegime: {}, at: '2026-06-17T00:00:00Z', reason: 'a step' }
    for (let set = 2; set <= 3; set += 1) appendWeightSet(folder, { ...draft, base: weights })
    const journal = Journal.open(folder, { series: journalSeries })
    const { run, messages, reports } = await openPlayback({ timeScale: 60, journal })
    appendFileSync(join(folder, 'weights.ndjson'), '{"version":9}\n{"weights":')
    run.start()
    await until(() => reports.some((line) => line.startsWith('passed over')), 'the wrong line is told')
    await run.ended
    await run.stop()
    expect([reports[0], reports.length]).toEqual([
      'weights 3: priority 0, freshness 1, regime 0, expected value 0 (a step)',
      3,
    ])
    const wrong = expect.stringMatching(/^passed over: .*weights\.ndjson:4: weights: must be an object, got nothing$/)
    expect(reports).toEqual(expect.arrayContaining(['the state is warm', wrong]))
    const versions = messages.flatMap((message) => (message.kind === 'decision' ? [message.stamp.weightsVersion] : []))
    expect(new Set(versions)).toEqual(new Set([3]))
    expect(run.engine.weightsVersion).toBe(3)
  })

  it('after stop nothing is left that would keep the process: no socket, no timer', async () => {
    const held = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'Timeout').length
    const venue = await ScriptedVenue.start()
    onTestFinished(() => venue.stop())
    const before = held()
    const { run } = await open({ config: { ...parseConfig(null, null), feed: venue.url, symbols: ['BTC'] } })
    run.start()
    await venue.subscribed(2)
    expect(held()).toBeGreaterThan(before)
    await run.stop()
    await run.stop()
    // The venue's end of the connection goes in its own time.
    await until(() => held() <= before, 'everything has been let go')
    expect(run.engine.records).toBe(0)
  })

  it('stop closes what is open, and the journal, whose lock goes', async () => {
    const folder = temporaryFolder()
    const journal = Journal.open(folder, { series: journalSeries })
    const { run, messages } = await openPlayback({ timeScale: 10, journal })
    run.start()
    await until(() => messages.some((message) => message.kind === 'position' && message.to === 'open'), 'one is open')
    const held = run.engine.region.reservations.positions()
    expect(held).toHaveLength(1)
    await run.stop()
    const settled = messages.find((message) => message.kind === 'settled')
    expect(settled).toMatchObject({ outcome: { exitReason: 'end_of_data' } })
    expect(run.engine.region.reservations.positions().filter(({ token }) => token === held[0]!.token)).toEqual([])
    expect(journal.state).toBe('closed')
    expect(journal.acknowledgedLines('trades')).toBe(1)
    expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([])
  })

  it('a full disk: new entries halt, the open position is managed to its end, and with space it all goes on and nothing is lost', async () => {
    const fs = new FaultyFs()
    const journal = Journal.open(temporaryFolder(), { series: journalSeries, fs })
    const { run, messages, reports } = await openPlayback({ timeScale: 30, journal })
    run.start()
    await until(() => messages.some((message) => message.kind === 'position' && message.to === 'open'), 'one is open')
    fs.freeBytes = 0
    await until(() => messages.some((message) => message.kind === 'settled'), 'it is settled')
    await until(() => run.engine.tradingState === 'HALTED', 'entries are halted')
    const since = messages.length
    expect(run.engine.haltReason).toMatch(/ENOSPC/)
    await until(() => messages.slice(since).some((message) => message.kind === 'event'), 'something happens meanwhile')
    for (const message of messages.slice(since)) {
      if (message.kind !== 'decision') continue
      expect(message.members).toEqual([])
      expect(message.decision.rejected.every(({ reason }) => reason === 'halted')).toBe(true)
    }
    expect(journal.pendingLines).toBeGreaterThan(0)
    fs.freeBytes = Number.POSITIVE_INFINITY
    await until(() => run.engine.tradingState === 'ACTIVE', 'entries are admitted again')
    await run.stop()
    expect(reports.slice(1)).toEqual([
      'new entries are halted: the journal cannot be written (ENOSPC)',
      'new entries are admitted again',
    ])
    expect(journal.acknowledgedLines('events')).toBe(kindsOf(messages, 'event'))
    expect(journal.acknowledgedLines('decisions')).toBe(kindsOf(messages, 'reserved'))
  })

  it('a journal that lags too far behind: new entries halt, nothing is lost, and when it has caught up they are admitted again', async () => {
    const journal = new LaggingJournal(Journal.open(temporaryFolder(), { series: journalSeries }))
    const { run, messages, reports } = await openPlayback({ timeScale: 30, journal })
    journal.lags = true
    run.start()
    await until(() => run.engine.tradingState === 'HALTED', 'entries are halted')
    await until(() => kindsOf(messages, 'reserved') > 0, 'there is a decision')
    for (const message of messages) {
      if (message.kind === 'decision') expect(message.members).toEqual([])
    }
    journal.lags = false
    await until(() => run.engine.tradingState === 'ACTIVE', 'entries are admitted again')
    await run.stop()
    expect(reports.filter((line) => line.startsWith('new entries'))).toEqual([
      'new entries are halted: the journal lags too far behind',
      'new entries are admitted again',
    ])
    expect(journal.inner.acknowledgedLines('decisions')).toBe(kindsOf(messages, 'reserved'))
  })

  it('the feed is lost and found again: records go on, and old ones do not come twice', async () => {
    const venue = await ScriptedVenue.start()
    onTestFinished(() => venue.stop())
    const startNs = monotonicNs()
    const clock: Clock = {
      wallNs: () => BigInt(midnightMs + 60_000) * 1_000_000n + BigInt(monotonicNs() - startNs),
      monotonicNs,
    }
    const config = { ...parseConfig(null, null), feed: venue.url, symbols: ['BTC'] }
    const { run, statuses } = await open({ config, clock })
    run.start()
    await venue.subscribed(2)
    venue.send(tradesMessage(wireTrade('BTC', 59_000, 1), wireTrade('BTC', 59_500, 2)))
    await until(() => run.engine.records === 2, 'the first two came')
    expect(run.stateAgeMs()).toBeLessThan(10_000)
    venue.socket.terminate()
    await until(() => venue.sockets.length === 2, 'it connects again')
    await venue.subscribed(4)
    venue.send(tradesMessage(wireTrade('BTC', 59_500, 2), wireTrade('BTC', 60_000, 3)))
    await until(() => run.engine.records === 3, 'the third came')
    expect(run.feed.counters).toMatchObject({ trades: 3, duplicates: 1, reconnects: 1 })
    expect(statuses.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['lost', 'reconnecting', 'connecting', 'connected']),
    )
    expect(run.engine.lastNs).toBe(run.timeline.fromUnixMs(midnightMs + 60_000))
  })

  it('decision time is the newest record’s, plus what has passed since its receipt × the time scale', async () => {
    const venue = await ScriptedVenue.start()
    onTestFinished(() => venue.stop())
    let nowNs = 1e9
    const clock: Clock = { wallNs: () => BigInt(midnightMs) * 1_000_000n, monotonicNs: () => nowNs }
    const config = { ...parseConfig(null, null), feed: venue.url, symbols: ['BTC'] }
    const { run } = await open({ config, clock, timeScale: 60 })
    expect(run.stateAgeMs()).toBe(Number.POSITIVE_INFINITY)
    run.start()
    await venue.subscribed(2)
    venue.send(tradesMessage(wireTrade('BTC', 59_000, 1)))
    await until(() => run.engine.records === 1, 'it came')
    const newestNs = run.timeline.fromUnixMs(midnightMs + 59_000)
    expect(run.nowNs()).toBe(newestNs)
    nowNs += 250e6
    expect(run.nowNs()).toBe(newestNs + 60 * 250e6)
    expect(run.stateAgeMs()).toBe(250)
  })
})
