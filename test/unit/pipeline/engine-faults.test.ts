/** Faults that were found in the engine, each as the scenario that showed it. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Clock, monotonicNs } from '../../../src/base/clock.ts'
import { Random } from '../../../src/base/random.ts'
import { parseConfig } from '../../../src/config.ts'
import { lifecycle } from '../../../src/domain/event.ts'
import { LiveRun } from '../../../src/live-run.ts'
import { Rig } from '../../simulation/rig.ts'
import { midnightMs, until } from '../stages/feed/recordings.ts'
import { contextMessage, ScriptedVenue, tradesMessage, wireTrade } from '../stages/feed/venue.ts'

function rigOf(): Rig {
  const rig = new Rig()
  onTestFinished(() => rig.close())
  rig.trade(0, 'BTC', 600_000)
  rig.trade(0, 'ETH', 300_000)
  return rig
}

describe('engine', () => {
  it('stop: what the closed positions free is not given to anybody again', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a', priorityScore: 0.9 })
    rig.detect({ eventId: 'b', symbol: 'ETH', priorityScore: 0.5 })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'BTC', 600_000)
    rig.pipeline.stop()
    expect(rig.region.reservations.positions()).toEqual([])
    expect(rig.heardOf('position').filter(({ to }) => to === 'submitted')).toHaveLength(1)
  })

  it('one record that closes a position and fires a better event: one decision, and the better event has it', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a', priorityScore: 0.9 })
    rig.detect({ eventId: 'old', symbol: 'ETH', priorityScore: 0.2 })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'BTC', 600_000)
    rig.detect({ eventId: 'better', priorityScore: 0.99 })
    rig.trade(200, 'BTC', 607_000)
    const chosen = rig.heardOf('decision').filter(({ atNs, members }) => atNs === 200e6 && members.length > 0)
    expect(chosen.map(({ decision }) => decision.selected)).toEqual([['better']])
  })

  it('a broken invariant is thrown once, and the engine goes on after it', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    const [slot] = rig.region.reservations.positions()
    rig.region.reservations.release(slot!.token, true)
    expect(() => rig.trade(100, 'BTC', 600_000)).toThrow(expect.objectContaining({ code: 'ERR_INVARIANT' }))
    rig.trade(200, 'BTC', 600_000)
    rig.trade(300, 'BTC', 600_000)
  })

  it('an event that another attachment has ended does not hold the time up at its expiry', () => {
    const rig = rigOf()
    rig.tradingState = 'HALTED'
    rig.detect({ eventId: 'a', lifeMs: 100 })
    rig.trade(1, 'BTC', 600_000)
    rig.region.events.transition(rig.heardOf('event')[0]!.handle, lifecycle.INVALIDATED)
    let calls = 0
    const { registry } = rig
    const onIdle = registry.onIdle.bind(registry)
    registry.onIdle = (nowNs, emit) => {
      calls += 1
      if (calls > 100) throw new Error('it runs for ever')
      onIdle(nowNs, emit)
    }
    rig.trade(200, 'BTC', 600_000)
    expect(registry.nextDueNs()).toBe(Number.POSITIVE_INFINITY)
    expect(rig.region.events.countLive()).toBe(0)
  })
})

describe('live run', () => {
  it('a machine whose clock is ahead of the exchange’s takes its trades all the same', async () => {
    const venue = await ScriptedVenue.start()
    onTestFinished(() => venue.stop())
    const startNs = monotonicNs()
    const exchangeMs = (): number => 3_600_000 + Math.floor((monotonicNs() - startNs) / 1e6)
    const clock: Clock = {
      wallNs: () => BigInt(midnightMs + 3_610_000) * 1_000_000n + BigInt(monotonicNs() - startNs),
      monotonicNs,
    }
    const run = await LiveRun.open({
      config: { ...parseConfig(null, null), feed: venue.url, symbols: ['BTC'] },
      backend: 'auto',
      journal: null,
      timeScale: 1,
      warmup: [],
      clock,
      random: new Random(1),
      endOnNormalClose: true,
      report: () => {},
      onStatus: () => {},
      observer: () => {},
    })
    onTestFinished(() => run.stop())
    run.start()
    await venue.subscribed(2)
    venue.send(contextMessage('BTC'), tradesMessage(wireTrade('BTC', exchangeMs() - 100, 1)))
    await until(() => run.engine.records >= 2, 'the opening came')
    venue.send(tradesMessage(wireTrade('BTC', exchangeMs(), 2)))
    await until(() => run.feed.counters.trades + run.feed.counters.late === 2, 'the second trade came')
    expect(run.feed.counters.late).toBe(0)
    expect(Math.abs(run.nowNs() / 1e6 - exchangeMs())).toBeLessThan(5_000)
  })

  it('a broken invariant keeps new entries halted when a full disk has space again', async () => {
    const { Journal } = await import('../../../src/journal/journal.ts')
    const { journalSeries } = await import('../../../src/journal/series.ts')
    const { temporaryFolder } = await import('../../support/temporary.ts')
    const { FaultyFs } = await import('../journal/faulty-fs.ts')
    const fs = new FaultyFs()
    const journal = Journal.open(temporaryFolder(), { series: journalSeries, fs })
    const run = await LiveRun.open({
      config: { ...parseConfig(null, null), feed: 'ws://127.0.0.1:9', symbols: ['BTC'] },
      backend: 'auto',
      journal,
      timeScale: 1,
      warmup: [],
      clock: { wallNs: () => BigInt(midnightMs) * 1_000_000n, monotonicNs },
      random: new Random(1),
      endOnNormalClose: true,
      report: () => {},
      onStatus: () => {},
      observer: () => {},
    })
    onTestFinished(() => run.stop())
    run.start()
    fs.freeBytes = 0
    journal.append('events', '{}')
    await until(() => run.engine.tradingState === 'HALTED', 'the journal halts')
    run.engine.halt('invariant', 'RES-4 is broken: a test says so')
    fs.freeBytes = Number.POSITIVE_INFINITY
    await until(() => journal.pendingLines === 0, 'the journal is written')
    expect(run.engine.tradingState).toBe('HALTED')
    expect(run.engine.haltReason).toMatch(/RES-4/)
  })
})
