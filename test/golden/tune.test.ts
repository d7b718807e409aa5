/** The four recorded days as README tells them: replay, then tune with the whole engine beside it. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { signalbox } from '../support/command.ts'
import { describeWithShared } from '../support/shared.ts'
import { temporaryFolder } from '../support/temporary.ts'

describeWithShared('tune on the recorded days', (root) => {
  it('says keep: eleven arbitrations are no sample', () => {
    const days = join(root, 'data', 'hyperliquid')
    const files = readdirSync(days)
      .filter((name) => /^(trades|ctx)_/.test(name))
      .map((name) => join(days, name))
    const folder = join(temporaryFolder(), 'four')
    expect(signalbox(['replay', ...files, '--journal', folder, '--json']).status).toBe(0)
    const { status, stdout, stderr } = signalbox(['tune', folder, '--json', '--data', ...files])
    expect([status, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ entries: 11, left_out: 561, recommendation: 'keep', decided_by: 'sample', changed: 2 },
      in_sample: { total_pnl: -99.77, current_total_pnl: -132.23, improvement: 32.46 },
      walk_forward: { improvement: 0 },
      replayed: { current: { trades: 309, pnl: -1741.66 }, found: { trades: 307, pnl: -1723.23 } },
    })
    const { status: refused, stderr: why } = signalbox(['tune', folder, '--apply'])
    expect([refused, why]).toEqual([1, expect.stringContaining('sample 11 (must be ≥ 30)')])
  })
})
