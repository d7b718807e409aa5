/** What a person sees of entries that the venue refused: in plain lines, and in the table. */
import { expect, it } from 'vitest'
import { lineOf } from '../../../../src/cli/terminal/live-lines.ts'
import { LiveModel } from '../../../../src/cli/terminal/live-model.ts'
import { screenOf } from '../../../../src/cli/terminal/live-table.ts'
import { Rig } from '../../../simulation/rig.ts'

/** One long entry at 60,000.0, the market at `arrivalTicks` when it arrives. */
function entered(arrivalTicks: number, side: 'long' | 'short' = 'long'): { lines: string[]; screen: string } {
  const rig = new Rig()
  rig.trade(0, 'BTC', 600_000)
  rig.detect({ eventId: 'a', side, stopTicks: side === 'long' ? 590_000 : 610_000 })
  rig.trade(1, 'BTC', 600_000)
  rig.trade(20, 'BTC', arrivalTicks)
  rig.trade(100, 'BTC', arrivalTicks)
  const { instruments, timeline } = rig
  const lines = rig.heard.map((message) => lineOf(message, instruments, timeline)).filter((line) => line !== null)
  const model = new LiveModel()
  for (const message of rig.heard) model.take(message)
  const refused = Object.values(rig.order.counters.refused).reduce((sum, count) => sum + count, 0)
  const figures = {
    nowNs: 1e9,
    feed: 'subscribed',
    played: null,
    recordsPerS: 1,
    equityMinor: 0,
    pnlMinor: 0,
    trades: 0,
    wins: 0,
    refused,
    latencies: [],
    backend: 'native',
    isAdmitting: true,
    tradingState: 'ACTIVE',
    notice: '',
    lastTicks: () => Number.NaN,
  }
  const screen = screenOf(model, figures, {
    instruments,
    timeline,
    freshnessHorizonS: 60,
    columns: 160,
    rows: 40,
    isColoured: false,
  }).join('\n')
  rig.close()
  return { lines, screen }
}

it('a refused entry has its plain line, with the price and the limit', () => {
  const { lines } = entered(601_000)
  expect(lines.at(-1)).toBe('00:00:00  refused   a long: 60106.1 is beyond its limit 60066')
  expect(lines.some((line) => line.includes('open'))).toBe(false)
})

it('a short beyond its margin says what that is', () => {
  expect(entered(605_000, 'short').lines.at(-1)).toBe(
    '00:00:00  refused   a short: at 60493.9 it is worth more than the 10,000.00 of its margin',
  )
})

it('the table counts refused entries, shows the last ones, and says it of their event', () => {
  const { screen } = entered(601_000)
  expect(screen).toContain('0 trades, 0 won, 1 refused ')
  expect(screen).toMatch(/long +refused +60106.1 is beyond its limit 60066/)
  expect(screen).toMatch(/ a .*beyond_limit/)
  expect(entered(600_000).screen).toContain('0 trades, 0 won ')
})
