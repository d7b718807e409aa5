import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import type { TradeOutcome } from '../../../../src/domain/outcome.ts'
import { Books } from '../../../../src/stages/outcome/books.ts'
import { Rig } from '../../../simulation/rig.ts'

const outcomeOf = (pnlMinor: number, feesMinor = 0, fundingMinor = 0): TradeOutcome => ({
  entryTicks: 1,
  exitTicks: 1,
  entryAtNs: 0,
  exitAtNs: 0,
  quantityLots: 1,
  feesMinor,
  fundingMinor,
  pnlMinor,
  exitReason: 'target_hit',
})

describe('outcome', () => {
  it('slot and capital change in one commit: nobody sees the one without the other', () => {
    const seen: string[] = []
    const rig: Rig = new Rig({
      observer: () => {
        const { capitalMinor, positions } = rig.region.reservations.account()
        seen.push(`${positions.length} ${capitalMinor === 1_000_000 ? 'start' : 'changed'}`)
      },
    })
    rig.trade(0, 'BTC', 600_000)
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'BTC', 600_000)
    rig.trade(200, 'BTC', 606_000)
    const { pnlMinor } = rig.heardOf('settled')[0]!.outcome!
    expect(pnlMinor).toBeGreaterThan(0)
    expect(rig.region.reservations.account()).toEqual({ capitalMinor: 1_000_000 + pnlMinor, positions: [] })
    expect(new Set(seen)).toEqual(new Set(['0 start', '1 start', '0 changed']))
    expect(rig.outcome.books.equityMinor).toBe(1_000_000 + pnlMinor)
    rig.close()
  })

  it('a token that somebody else has freed is a broken invariant, by name', () => {
    const rig = new Rig()
    rig.trade(0, 'BTC', 600_000)
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    const [slot] = rig.region.reservations.positions()
    rig.region.reservations.release(slot!.token, true)
    expect(() => rig.pipeline.stop()).toThrow(expect.objectContaining({ code: 'ERR_INVARIANT', field: 'RES-4' }))
    rig.close()
  })
})

describe('books', () => {
  it('the drawdown is the deepest fall from the highest point before, not from the start', () => {
    const books = new Books(1_000)
    for (const pnl of [500, -300, 100, -400, 5_000, -100]) books.record(outcomeOf(pnl, 3, -2))
    expect(books.maxDrawdownMinor).toBe(600)
    expect(books).toMatchObject({
      trades: 6,
      wins: 3,
      pnlMinor: 4_800,
      equityMinor: 5_800,
      feesMinor: 18,
      fundingMinor: -12,
    })
  })

  it('a Sharpe ratio needs 30 trades, then it is mean ÷ standard deviation of the returns on equity', () => {
    const random = new Random(5)
    const books = new Books(1_000_000)
    const returns: number[] = []
    for (let index = 0; index < 40; index += 1) {
      const pnl = random.integer(-5_000, 6_000)
      returns.push(pnl / books.equityMinor)
      books.record(outcomeOf(pnl))
      if (index < 29) expect(books.sharpe).toBeNull()
    }
    const mean = returns.reduce((sum, value) => sum + value, 0) / 40
    const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 39)
    expect(books.sharpe).toBeCloseTo(mean / deviation, 9)
  })

  it('without equity a trade has no return, and without any spread there is no ratio', () => {
    const books = new Books(0)
    for (let index = 0; index < 30; index += 1) books.record(outcomeOf(0))
    expect(books.sharpe).toBeNull()
    expect(books.equityMinor).toBe(0)
  })

  it('numbers that leave the exact range are refused', () => {
    const books = new Books(Number.MAX_SAFE_INTEGER)
    expect(() => books.record(outcomeOf(1))).toThrow(/2\^53/)
  })
})
