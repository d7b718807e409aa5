/** Strategies in workers against a live engine: they race for events, and whatever one of them does harms only itself. */
import { describe, expect, it } from 'vitest'
import { madeUp, StrategyRun } from '../support/strategy-run.ts'

describe('strategies in workers', () => {
  it('one claims an event, its order goes out once, and its trade is its own', async () => {
    const run = await StrategyRun.open({ strategies: [madeUp('eager', ['claim'])] })
    run.find('BTC')
    await run.until(() => run.entries().length > 0, 'it is ordered')
    await run.until(() => run.heardOf('settled').length > 0, 'the trade is closed', 1_000)
    expect(run.entries()).toHaveLength(1)
    expect(run.entries()[0]![0]).toBe('eager')
    expect(run.figures('eager')).toMatchObject({ state: 'running', granted: 1, submitted: 1, trades: 1, threw: 0 })
    expect(run.reports).toEqual([])
  })
})
