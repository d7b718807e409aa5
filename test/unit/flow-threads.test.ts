/** The free-running mode: live runs on real threads, slow ones, ended ones, hung ones; and what is counted on both sides. */
import { describe, expect, it } from 'vitest'
import { monotonicNs } from '../../dist/base/clock.js'
import { JournalThread } from '../../dist/pipeline/journal-thread.js'
import type { ChannelCounters } from '../../src/channel/channel.ts'
import { arbitrate } from '../../src/cli/arbitrate.ts'
import { FlowRun } from '../support/flow-run.ts'
import { bareDecision, journalLines } from '../support/journal-lines.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from './stages/feed/recordings.ts'

const topologies = ['compact', 'spread'] as const
const manyPositions = { policy: { max_open_positions: 3, selection: 'portfolio', interlock: null } }

/** What every channel must say when all has come to rest. */
function expectNothingLost(counters: Readonly<Record<string, ChannelCounters>>): void {
  for (const [name, { sent, received, waiting, dropped, conflated, refused }] of Object.entries(counters)) {
    if (name === 'decisions shown') continue
    expect({ name, waiting, dropped, refused }).toEqual({ name, waiting: 0, dropped: 0, refused: 0 })
    expect({ name, received: received + conflated }).toEqual({ name, received: sent })
    if (!name.startsWith('state to')) expect({ name, conflated }).toEqual({ name, conflated: 0 })
  }
}

function journalOf(folder: string): Promise<JournalThread> {
  return JournalThread.open(folder, { onStopped: 'retry', frameMax: 4_096, report: () => undefined })
}

describe.each(topologies)('a live run in %s', (topology) => {
  it('detects, decides, reserves, enters and settles; every message sent is received, and the journal has them all', async () => {
    const folder = temporaryFolder()
    const journal = await journalOf(folder)
    const run = await FlowRun.open({ topology, journal, config: manyPositions })
    await run.feedSlowly(3_000)
    run.stop()
    await journal.close()
    const { registry, reservation, arbitration } = run.engine.figures()
    const counters = run.engine.flow!.channelCounters()
    expectNothingLost(counters)
    expect(run.engine.flow!.undelivered).toBe(0)
    expect(run.stateVersion).toBe(run.sent)
    const triggered = run.of('event').filter(({ state }) => state === 'TRIGGERED')
    expect(triggered.length).toBeGreaterThan(20)
    expect(registry.registered).toBe(triggered.length)
    const { declined, submitted, opened } = run.engine.order.counters
    expect(reservation.granted).toBe(declined + submitted)
    expect(run.of('settled')).toHaveLength(submitted)
    expect(opened).toBeGreaterThan(5)
    expect(new Set(run.of('settled').map(({ position }) => position.grant.member.handle)).size).toBe(submitted)
    expect(run.engine.region.reservations.positions()).toEqual([])
    expect(run.engine.decisions).toBe(arbitration.decisions)
    expect(journalLines(folder, 'decisions')).toHaveLength(arbitration.decisions)
    expect(journalLines(folder, 'events')).toHaveLength(run.of('event').length)
    expect(journalLines(folder, 'trades')).toHaveLength(opened)
    expect(run.reports).toEqual(['the state is warm'])
  })

  it('the journal says which state each decision saw, and arbitrate on its inputs decides the same', async () => {
    const folder = temporaryFolder()
    const journal = await journalOf(folder)
    const run = await FlowRun.open({ topology, journal, config: manyPositions, detectors: 'every=10&hold=6', seed: 2 })
    await run.feedSlowly(900)
    // And as it comes.
    await run.feed(3_000, 30)
    run.stop()
    await journal.close()
    const decisions = journalLines(folder, 'decisions')
    const inputs = journalLines(folder, 'inputs')
    expect(decisions.length).toBeGreaterThan(20)
    for (const [index, line] of decisions.entries()) {
      const { sequence, state_version: version } = JSON.parse(line) as { sequence: number; state_version: number }
      expect(sequence).toBe(index + 1)
      const atNs = Number(BigInt(/"timestamp":(\d+)/.exec(line)![1]!))
      expect(atNs).toBeGreaterThanOrEqual(run.times[version - 1]!)
      const [, scenario] = /^\{"arbitration_id":"[^"]*","scenario":(.*)\}$/.exec(inputs[index]!)!
      expect(bareDecision(arbitrate(scenario!, 'inputs'))).toBe(bareDecision(line))
    }
  })

  it('with room for one message only nobody waits for ever, and nothing is lost', async () => {
    const config = { ...manyPositions, pipeline: { events_capacity: 1 } }
    const run = await FlowRun.open({ topology, config, detectors: 'every=8&hold=4' })
    await run.feedSlowly(600)
    await run.feed(3_000, 300)
    run.stop()
    expectNothingLost(run.engine.flow!.channelCounters())
    expect(run.of('event').filter(({ state }) => state === 'TRIGGERED').length).toBeGreaterThan(50)
    expect(run.engine.region.reservations.positions()).toEqual([])
  })

  it('a detector whose thread ends itself: noticed within a second, entries halt, positions go on, and the stop is clean', async () => {
    const run = await FlowRun.open({ topology, detectors: 'every=10&hold=5&exit=400' })
    await run.feedSlowly(390)
    const beganNs = monotonicNs()
    while (run.engine.tradingState === 'ACTIVE' && run.sent < 10_000) await run.feed(3)
    await until(() => run.engine.tradingState === 'HALTED', 'it is noticed')
    expect(run.engine.haltReason).toMatch(/^thread \d \((state … arbitration|detection)\) ended by itself \(code 7\)$/)
    expect((monotonicNs() - beganNs) / 1e6).toBeLessThan(1_000)
    const selected = run.engine.decisions
    await run.feed(300)
    run.stop()
    expect(run.engine.region.reservations.positions()).toEqual([])
    if (topology === 'compact') expect(run.engine.decisions).toBe(selected)
    // Whoever was entered is settled.
    expect(run.of('settled')).toHaveLength(run.engine.order.counters.submitted)
  })

  it('decides with other weights from the next decision on after they were published, and stamps them', async () => {
    const folder = temporaryFolder()
    const journal = await journalOf(folder)
    const run = await FlowRun.open({ topology, journal, config: manyPositions, detectors: 'every=10&hold=5' })
    const own = { priorityScore: 0, freshness: 0.1, regimeAlignment: 0, expectedValue: 0.30000000000000004 }
    const ofRegime = { priorityScore: 0.7, freshness: 0.1, regimeAlignment: 0.1, expectedValue: 0.1 }
    const byRegime = { expansion: ofRegime, contraction: ofRegime, trend: ofRegime, sideways: ofRegime }
    const ends: number[] = []
    for (const set of [null, { version: 2, weights: own, byRegime: {} }, { version: 5, weights: own, byRegime }]) {
      if (set !== null) run.engine.publishWeights(set)
      await run.feedSlowly(450)
      ends.push(run.engine.decisions)
    }
    expect(() => run.engine.publishWeights({ version: 5, weights: own, byRegime: {} })).toThrow(/above 5/)
    run.stop()
    await journal.close()
    const inputs = journalLines(folder, 'inputs')
    const decisions = journalLines(folder, 'decisions')
    const [first, second, third] = [ends[0]!, ends[1]!, decisions.length]
    expect([first > 5, second > first + 5, third > second + 5]).toEqual([true, true, true])
    for (const [index, decision] of decisions.entries()) {
      const [version, weight] = index < first ? [1, 0.4] : index < second ? [2, 0] : [5, 0.7]
      expect((JSON.parse(decision) as { weights_version: number }).weights_version).toBe(version)
      const scenario = /"scenario":(.*)\}$/.exec(inputs[index]!)![1]!
      expect(JSON.parse(scenario).policy.weights.priority_score).toBe(weight)
      expect(bareDecision(arbitrate(scenario, 'inputs'))).toBe(bareDecision(decision))
    }
  })

  it('with `restart` a new thread takes its place: decisions go on, no sequence twice, no event entered twice', async () => {
    const config = { ...manyPositions, pipeline: { on_thread_end: 'restart' } }
    const folder = temporaryFolder()
    const journal = await journalOf(folder)
    const run = await FlowRun.open({ topology, journal, config, detectors: 'every=10&hold=5&exit=400' })
    const { weights } = run.engine.policy
    run.engine.publishWeights({ version: 2, weights, byRegime: {} })
    await run.feedSlowly(450)
    await until(() => run.reports.some((line) => line.includes('a new one takes its place')), 'it is noticed')
    await until(() => run.engine.tradingState === 'ACTIVE', 'it is back')
    const before = run.engine.decisions
    // What the new one's long-run means know begins anew: it takes ten minutes of market until it finds events again.
    for (let minute = 0; minute < 15 && run.engine.decisions <= before; minute += 1) {
      await run.feed(6_000, 100)
      await run.feedSlowly(60)
    }
    run.stop()
    await journal.close()
    expect(run.engine.decisions).toBeGreaterThan(before)
    const decided = journalLines(folder, 'decisions').map(
      (line) => JSON.parse(line) as { sequence: number; weights_version: number },
    )
    // The new thread finds the weights that the old one had.
    expect(new Set(decided.map((decision) => decision.weights_version))).toEqual(new Set([2]))
    const sequences = decided.map(({ sequence }) => sequence)
    expect(new Set(sequences).size).toBe(sequences.length)
    expect(sequences).toEqual([...sequences].sort((one, other) => one - other))
    const entered = run.of('position').filter(({ to }) => to === 'submitted')
    expect(new Set(entered.map(({ position }) => position.grant.member.event.eventId)).size).toBe(entered.length)
    expect(run.engine.region.reservations.positions()).toEqual([])
    expect(run.stateVersion).toBeGreaterThan(0)
  })

  it('with `restart` one that ends again and again is not started for ever', async () => {
    const config = { pipeline: { on_thread_end: 'restart' } }
    const run = await FlowRun.open({ topology, config, detectors: 'exit=3', once: false })
    const isOver = (): boolean => run.reports.some((line) => line.endsWith('no new one takes its place'))
    await until(() => {
      void run.feed(3)
      return isOver()
    }, 'no new one is started')
    expect(run.reports.filter((line) => line.includes('a new one takes its place'))).toHaveLength(2)
    run.stop()
    expect(run.engine.tradingState).toBe('HALTED')
  })

  it('a detector that never returns: told after a second, ended, and the stop is in time', async () => {
    const run = await FlowRun.open({ topology, detectors: 'hang=45', config: { pipeline: { hang_ms: 1_500 } } })
    await run.feedSlowly(42)
    await run.feed(30, 3)
    await until(() => run.engine.haltReason?.endsWith('has not come round for 1 s') === true, 'it is told')
    await until(() => run.engine.haltReason?.endsWith('and was terminated') === true, 'its end is confirmed')
    const beganNs = monotonicNs()
    run.stop()
    expect((monotonicNs() - beganNs) / 1e6).toBeLessThan(2_000)
  })

  it('stopped while a detector hangs: the stop waits less than two seconds, and says what has not drained', async () => {
    const run = await FlowRun.open({ topology, detectors: 'hang=45' })
    await run.feedSlowly(42)
    await run.feed(30, 3)
    await until(() => run.stateVersion >= run.sent - 30, 'it is at it')
    const beganNs = monotonicNs()
    run.stop()
    expect((monotonicNs() - beganNs) / 1e6).toBeLessThan(2_000)
    expect(
      run.reports.some((line) => /^thread \d \((state … arbitration|detection)\) has not drained/.test(line)),
    ).toBe(true)
  })
})

describe('slow ones', () => {
  it('spread, a slow detector: the state is never more than one publish behind, only state conflates, no event is lost', async () => {
    const run = await FlowRun.open({ topology: 'spread', detectors: 'every=5&hold=2&busy=3000' })
    const found = (): number => run.of('event').filter(({ state }) => state === 'TRIGGERED').length
    // As many bursts as the detector needs to look often enough, on whatever machine.
    for (let burst = 0; burst < 20 || (found() < 3 && burst < 500); burst += 1) {
      await run.feed(50, 50)
      // Far more than the detector can have looked at; the state has them all.
      await until(() => run.stateVersion === run.sent, 'the state has seen what was sent', 2_000)
    }
    const { 'state to detection': updates } = run.engine.flow!.channelCounters()
    expect(updates!.waiting).toBeLessThanOrEqual(3)
    run.stop()
    const counters = run.engine.flow!.channelCounters()
    expectNothingLost(counters)
    expect(counters['state to detection']!.conflated).toBeGreaterThan(100)
    expect(found()).toBeGreaterThan(2)
    expect(run.engine.figures().registry.registered).toBe(found())
  })

  it('compact, a slow detector: the state takes in what has waited before the next look, so it catches up', async () => {
    const run = await FlowRun.open({ topology: 'compact', detectors: 'every=5&hold=2&busy=3000' })
    await run.feed(2_000, 50)
    // Two thousand looks of 3 ms would take six seconds.
    await until(() => run.stateVersion === run.sent, 'the state has seen what was sent', 3_000)
    run.stop()
    expect(run.engine.flow!.conflatedWithin).toBeGreaterThan(1_000)
    expectNothingLost(run.engine.flow!.channelCounters())
  })

  it('a slow venue: entries are on their way for a minute, events wait, and the feed does not', async () => {
    const config = { fill: { latency_ms: 60_000 } }
    const run = await FlowRun.open({ topology: 'compact', config, detectors: 'every=20&hold=15' })
    await run.feed(3_000, 50)
    await until(() => run.stateVersion === run.sent, 'the state has seen what was sent')
    expect(run.engine.order.counters).toMatchObject({ submitted: 1, opened: 0 })
    const rejected = run
      .of('reserved')
      .flatMap(({ decision }) => decision.decision.rejected.map(({ reason }) => reason))
    expect(rejected).toContain('max_open_positions')
    expect(run.engine.flow!.isCongested).toBe(false)
    run.stop()
    expectNothingLost(run.engine.flow!.channelCounters())
  })
})

describe('what is refused', () => {
  it('a module of detectors that is not there: the start fails and names it', async () => {
    await expect(FlowRun.open({ topology: 'compact', module: './workers/none.mjs' })).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringMatching(/^detectorModule .*none\.mjs/),
    })
  })
})
