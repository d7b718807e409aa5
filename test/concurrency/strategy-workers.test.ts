/** Strategies in workers against a live engine: they race for events, and whatever one of them does harms only itself. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { slotStates } from '../../src/domain/reservation.ts'
import type { StrategyWorkerSpec } from '../../src/workers/strategy-spec.ts'
import { followsEvent } from '../simulation/rig.ts'
import { madeUp, StrategyRun } from '../support/strategy-run.ts'
import { temporaryFolder } from '../support/temporary.ts'

/** Room for everybody. */
const roomy = { max_open_positions: 8 }

/** A good one beside a bad one: the bad one is ended as `state`, and the good one goes on trading. */
async function besideGood(bad: StrategyWorkerSpec, state: string): Promise<StrategyRun> {
  const run = await StrategyRun.open({
    symbols: ['BTC', 'ETH'],
    policy: roomy,
    strategies: [bad, madeUp('good', ['late'])],
  })
  // Market time stands still, so the good one leaves the event to it.
  run.find('BTC')
  await run.until(() => run.figures(bad.name!).state === state, `the bad one is ${state}`, 0)
  run.find('ETH')
  await run.until(() => run.entries().length === 2, 'the good one goes on', 50)
  expect(run.figures('good')).toMatchObject({ state: 'running', submitted: 2 })
  return run
}

describe('strategies in workers', () => {
  it('one claims an event, its order goes out once, and its trade is its own', async () => {
    const run = await StrategyRun.open({ strategies: [madeUp('eager', ['claim'])] })
    run.find('BTC')
    await run.until(() => run.entries().length > 0, 'it is ordered')
    await run.until(() => run.heardOf('settled').length > 0, 'the trade is closed', 1_000)
    expect(run.entries()).toEqual([['eager', expect.stringContaining('BTC')]])
    expect(run.figures('eager')).toMatchObject({ state: 'running', granted: 1, submitted: 1, trades: 1, threw: 0 })
    expect(run.engine.outcome.books.trades).toBe(1)
    expect(run.reports).toEqual([])
  })

  it('of two that want one event exactly one gets it; the other is refused, and nobody is asked about a spent event', async () => {
    const run = await StrategyRun.open({
      policy: roomy,
      strategies: [madeUp('one', ['claim']), madeUp('two', ['claim'])],
    })
    run.find('BTC')
    await run.until(() => run.entries().length > 0, 'one has it')
    const asked = (): number => run.figures('one').asked + run.figures('two').asked
    const before = asked()
    await run.until(() => run.heardOf('settled').length > 0, 'it is closed', 1_000)
    expect(run.entries()).toHaveLength(1)
    expect(asked()).toBe(before)
  })

  it('null is asked again when the event has moved on, `later` when the market has', async () => {
    const run = await StrategyRun.open({ strategies: [madeUp('no', ['reject']), madeUp('patient', ['late'])] })
    run.find('BTC')
    // The market's prices move and its time does not, so the patient one waits, however late either of them is woken.
    const bothHaveLooked = (): boolean => run.figures('no').asked > 0 && run.figures('patient').asked > 3
    await run.until(bothHaveLooked, 'one is asked, the other again and again', 0)
    expect(run.figures('patient').claims).toBe(0)
    await run.until(() => run.entries().length > 0, 'the patient one claims', 1_000)
    expect(run.figures('patient')).toMatchObject({ claims: 1, submitted: 1 })
    expect(run.figures('no')).toMatchObject({ asked: 1, claims: 0 })
  })

  it('the arbiter sees their slots as open: what competes with them is turned down with slot_taken, by their event', async () => {
    const run = await StrategyRun.open({
      policy: roomy,
      strategies: [madeUp('holder', ['claim'])],
      inline: [{ ...followsEvent, eventTypes: ['FAILED_HUNT'] }],
    })
    run.find('BTC')
    await run.until(() => run.entries().length > 0, 'the strategy holds BTC')
    run.find('BTC', { eventType: 'FAILED_HUNT' })
    await run.until(() => run.heardOf('decision').length > 0, 'the arbiter decides')
    const [, cascade] = run.entries()[0]!
    const [decision] = run.heardOf('decision').map((made) => made.decision)
    expect(decision!.candidates.map(({ eventType }) => eventType)).toEqual(['FAILED_HUNT'])
    expect(decision!.rejected).toMatchObject([{ reason: 'slot_taken', blockedBy: cascade }])
  })

  it('and with interlocked, where the types do not go together', async () => {
    const run = await StrategyRun.open({
      symbols: ['BTC', 'ETH'],
      policy: { ...roomy, interlock: { scope: 'account' } },
      strategies: [madeUp('holder', ['claim'])],
      inline: [{ ...followsEvent, eventTypes: ['FUNDING_SNAPBACK'] }],
    })
    run.find('BTC')
    await run.until(() => run.entries().length > 0, 'the strategy holds BTC')
    run.find('ETH', { eventType: 'FUNDING_SNAPBACK' })
    await run.until(() => run.heardOf('decision').length > 0, 'the arbiter decides')
    const [, cascade] = run.entries()[0]!
    expect(run.heardOf('decision')[0]!.decision.rejected).toMatchObject([{ reason: 'interlocked', blockedBy: cascade }])
  })

  it('while new entries are halted nobody is asked, and a claim that was sent before is dismissed and its slot freed', async () => {
    const run = await StrategyRun.open({ policy: roomy, strategies: [madeUp('eager', ['claim'])] })
    run.takesClaims = false
    run.find('BTC')
    await run.until(() => run.figures('eager').granted === 1, 'it has reserved')
    run.engine.halt('invariant', 'a test')
    run.takesClaims = true
    await run.until(() => run.heardOf('dismissed').length > 0, 'it is dismissed')
    expect(run.heardOf('dismissed')[0]).toMatchObject({ reason: 'halted' })
    expect(run.engine.region.reservations.positions()).toEqual([])
    expect(run.figures('eager')).toMatchObject({ dismissed: { halted: 1 }, submitted: 0 })
  })
})

describe('a strategy harms only itself', () => {
  it('throws: counted, told, and stopped after ten in a row; the others go on', async () => {
    const run = await StrategyRun.open({
      symbols: ['BTC', 'ETH', 'SOL'],
      policy: roomy,
      strategies: [madeUp('bad', ['throw']), madeUp('good', ['reject'])],
    })
    const isOver = (): boolean => run.figures('bad').state !== 'running'
    for (let asked = 3; !isOver(); asked += 3) {
      for (const symbol of run.symbols) run.find(symbol, { lifeMs: 1_000 })
      await run.until(() => isOver() || run.figures('bad').asked >= asked, 'it is asked about each', 0)
      await run.until(() => run.engine.region.events.countLive() === 0, 'they are over', 200)
    }
    expect(run.figures('bad')).toMatchObject({ threw: 10, state: 'stopped', why: 'threw 10 times in a row' })
    expect(run.figures('good').state).toBe('running')
    const told = run.reports.filter((line) => line.includes('bad threw'))
    expect(told[0]).toMatch(/^strategy bad threw on scripted_\w+: a bad day$/)
    expect(told.length).toBeLessThan(10)
    expect(run.reports.at(-1)).toBe('strategy bad was stopped: threw 10 times in a row')
  })

  it('never comes back: ended when its budget is over, and told', async () => {
    const run = await besideGood(madeUp('bad', ['hang'], { budgetMs: 200 }), 'stopped')
    expect(run.reports).toEqual(['strategy bad was stopped: a step took longer than its 200 ms'])
  })

  it('exits: its worker ends, and not the process', async () => {
    const run = await besideGood(madeUp('bad', ['exit']), 'ended')
    expect(run.reports).toEqual(['strategy bad has ended: it ended by itself (exit code 3)'])
  })

  it('leaves an exception to nobody: its worker ends', async () => {
    const run = await besideGood(madeUp('bad', ['leave']), 'ended')
    expect(run.reports).toEqual(['strategy bad has ended: it died: nobody awaits this'])
  })

  it('takes more memory than it may: its worker ends', async () => {
    const run = await besideGood(madeUp('bad', ['grow'], { memoryMb: 32, budgetMs: 60_000 }), 'ended')
    expect(run.reports[0]).toMatch(/^strategy bad has ended: it died: Worker terminated due to reaching memory limit/)
  })

  it('prints without end: what is heard of it is bounded, and its budget ends it', async () => {
    // What is not heard yet lies in its memory, which must not end it first.
    const run = await besideGood(madeUp('bad', ['printAlways'], { budgetMs: 400, memoryMb: 1_024 }), 'stopped')
    expect(run.reports.filter((line) => line.startsWith('strategy bad: ')).length).toBeLessThan(60)
  })

  it.each(['nonsense', 'text', 'promise'])(
    'answers with %s: refused before it holds anything, and told once',
    async (what) => {
      const run = await StrategyRun.open({
        symbols: ['BTC', 'ETH', 'SOL'],
        policy: roomy,
        strategies: [madeUp('bad', [what]), madeUp('good', ['late'])],
      })
      for (const symbol of run.symbols) run.find(symbol)
      await run.until(() => run.figures('bad').invalid === 3, 'it has answered', 0)
      await run.until(() => run.entries().length === 3, 'the good one has them', 50)
      expect(run.figures('bad')).toMatchObject({ granted: 0, claims: 0, state: 'running' })
      expect(run.reports.filter((line) => line.includes('claims nonsense'))).toHaveLength(1)
    },
  )

  it('claims more than its lane holds: the rest is given back at once, and the others are served', async () => {
    const symbols = ['BTC', 'ETH', 'SOL', 'DOGE', 'AVAX']
    const run = await StrategyRun.open({
      symbols,
      policy: roomy,
      strategies: [madeUp('greedy', ['claim']), madeUp('good', ['late'], { data: { types: ['FAILED_HUNT'] } })],
    })
    run.takesClaims = false
    for (const symbol of symbols.slice(0, 4)) run.find(symbol)
    run.find('AVAX', { eventType: 'FAILED_HUNT' })
    await run.until(() => run.figures('greedy').unsent > 1, 'its lane is full', 0)
    await run.until(() => run.figures('good').granted === 1, 'the good one has its own lane', 50)
    run.takesClaims = true
    await run.until(() => run.entries().some(([strategy]) => strategy === 'good'), 'it is served')
    await run.until(() => run.figures('greedy').submitted >= 2, 'and so is what the lane held')
  })

  it('dies with a reservation in its hands: the slot is free at its confirmed end, and another gets the event', async () => {
    const run = await StrategyRun.open({
      symbols: ['BTC', 'ETH'],
      policy: { max_open_positions: 1 },
      strategies: [madeUp('dying', ['claim', 'hang'], { budgetMs: 200 }), madeUp('heir', ['late'])],
    })
    // The market's time stands still, so the heir waits; what the other has claimed is left where it is.
    run.takesClaims = false
    run.find('BTC')
    await run.until(() => run.figures('dying').granted === 1, 'one holds it', 0)
    const [held] = run.engine.region.reservations.positions()
    expect(held).toMatchObject({ state: slotStates.RESERVED })
    run.find('ETH')
    await run.until(() => run.figures('dying').state === 'stopped', 'it hangs over the second', 0)
    run.takesClaims = true
    await run.until(() => run.entries().length === 1, 'the heir has the first', 1_000)
    expect(run.entries()).toEqual([['heir', expect.stringContaining('BTC')]])
    // The dead one's claim came all the same, and found nothing.
    expect(run.heardOf('dismissed').map(({ claim, reason }) => [claim.strategy, reason])).toEqual([
      ['dying', 'unknown_token'],
    ])
    expect(run.engine.region.reservations.positions().map(({ token }) => token)).not.toContain(held!.token)
  })
})

describe('strategies in workers: start and end', () => {
  it.each([
    ['no such file', null, /^config\.json: strategies\[1\]\.module: there is no file .*strategy\.mjs$/],
    [
      'no default export',
      'export const act = () => null',
      /strategies\[1\]\.module: .*strategy\.mjs has no default export/,
    ],
    ['text that is no module', 'export default {', /strategies\[1\]\.module: .*strategy\.mjs cannot be loaded: /],
    ['one that throws', "throw new Error('not today')", /strategy\.mjs cannot be loaded: not today$/],
    ['no function act', "export default { name: 'x' }", /strategy\.mjs must give a strategy with a function act/],
    [
      'no name',
      'export default { act: () => null }',
      /strategy\.mjs its name must be one line of 1 … 63 bytes of UTF-8, got undefined/,
    ],
    [
      'a type that there is not',
      "export default { name: 'x', types: ['CASCADE'], act: () => null }",
      /its types name "CASCADE"; the policy's are LIQUIDATION_CASCADE, /,
    ],
    [
      'the name of another',
      "export default { name: 'good', act: () => null }",
      /^config\.json: strategies\[1\]\.name: another strategy is called good$/,
    ],
  ])('%s: the start is refused, and the error names key and file', async (_, text, message) => {
    const module = join(temporaryFolder(), 'strategy.mjs')
    if (text !== null) writeFileSync(module, text)
    const place = 'config.json: strategies[1]'
    const opened = StrategyRun.open({ strategies: [madeUp('good', ['claim']), { module, place }] })
    await expect(opened).rejects.toMatchObject({ code: 'ERR_INPUT', message: expect.stringMatching(message) })
  })

  it('all end with the run, one that hangs and one with a timer too; what they had reserved is free', async () => {
    const run = await StrategyRun.open({
      symbols: ['BTC', 'ETH'],
      policy: roomy,
      strategies: [
        madeUp('quiet', ['late']),
        madeUp('hanging', ['hang'], { budgetMs: 60_000 }),
        madeUp('ticking', ['stay']),
      ],
    })
    run.takesClaims = false
    run.find('BTC')
    const isAsked = (name: string): boolean => run.figures(name).asked > 0
    await run.until(() => isAsked('ticking') && isAsked('hanging'), 'one hangs, one leaves a timer', 0)
    await run.until(() => run.figures('quiet').granted === 1, 'one holds the event', 1_000)
    expect(run.engine.region.reservations.positions()).toHaveLength(1)
    await run.engine.stopStrategies()
    expect(run.engine.region.reservations.positions()).toEqual([])
    expect(run.engine.strategyFigures().map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    expect(run.reports).toEqual([])
  })
})
