import { describe, expect, it } from 'vitest'
import { decisionText, shortName } from '../../../../src/cli/terminal/live-lines.ts'
import { LiveModel } from '../../../../src/cli/terminal/live-model.ts'
import { type LiveFigures, screenOf } from '../../../../src/cli/terminal/live-table.ts'
import { Timeline } from '../../../../src/domain/units.ts'
import { changed, decided, eventOf, instruments, moved, positionOn } from './happenings.ts'

const quiet: LiveFigures = {
  nowNs: 30e9,
  feed: 'subscribed',
  played: 0.5,
  recordsPerS: 12_345,
  equityMinor: 998_765,
  pnlMinor: -1_235,
  trades: 12,
  wins: 3,
  refused: 2,
  latencies: [
    { name: 'decision', text: '–' },
    { name: 'record', text: 'p50 1.07 µs p99 45.6 µs' },
  ],
  backend: 'native',
  isAdmitting: true,
  tradingState: 'ACTIVE',
  notice: '',
  lastTicks: () => 645_000,
}

function draw(
  model: LiveModel,
  columns: number,
  rows: number,
  figures: LiveFigures = quiet,
  isColoured = false,
): string[] {
  const timeline = new Timeline(Date.UTC(2026, 5, 17, 18))
  return screenOf(model, figures, { instruments, timeline, freshnessHorizonS: 60, columns, rows, isColoured })
}

/** A run in which much happens at once. */
function busy(): LiveModel {
  const model = new LiveModel()
  const events = Array.from({ length: 20 }, (_, index) => eventOf('distribution', index % 2, index * 1e9))
  for (const event of events) model.take(changed(event, 'COMPLETING'))
  for (let index = 0; index < 20; index += 1) model.take(decided(events, 1))
  events.slice(0, 4).forEach((event, index) => {
    const position = positionOn(event, index)
    model.take(moved(position, 'open'))
    const outcome = {
      entryTicks: 655_000,
      exitTicks: 645_000,
      entryAtNs: 0,
      exitAtNs: 20e9,
      quantityLots: 1,
      feesMinor: 0,
      fundingMinor: 0,
      pnlMinor: 150,
      exitReason: 'event_completed' as const,
    }
    if (index > 0) model.take({ kind: 'settled', position, outcome, refusal: null, atNs: 20e9 })
  })
  return model
}

describe('live table', () => {
  it.each([
    [80, 24],
    [140, 40],
    [60, 12],
    [200, 60],
  ])('a busy run fits %d × %d, and no section moves when it is quiet', (columns, rows) => {
    const full = draw(busy(), columns, rows)
    const empty = draw(new LiveModel(), columns, rows)
    expect(full.length).toBeLessThanOrEqual(rows)
    for (const line of [...full, ...empty]) expect(line.length, line).toBeLessThanOrEqual(columns)
    for (const title of ['DECISIONS', 'POSITIONS', 'TRADES']) {
      const at = full.findIndex((line) => line.startsWith(title))
      expect(empty.findIndex((line) => line.startsWith(title))).toBe(at)
    }
  })

  it('80 columns hold every head, the longest verdict and the whole header', () => {
    const model = busy()
    for (const row of model.events.values()) row.verdict = 'slot_budget_exhausted'
    const lines = draw(model, 80, 24)
    expect(lines[0]).toMatch(/^signalbox {2}2026-06-17 18:00:30 UTC .*feed subscribed .* 50 % played$/)
    expect(lines[1]).toBe('equity 9,987.65   P&L -12.35   12 trades, 3 won, 2 refused   entries ACTIVE')
    expect(lines[2]).toContain('decision –   record p50 1.07 µs p99 45.6 µs')
    expect(lines[3]).toMatch(/EVENT .*SIDE .*STATE .*SCORE FRESH .*AGE {2}VERDICT$/)
    expect(lines[4]).toMatch(/BTC distribution .*COMPLETING .* slot_budget_exhausted$/)
    expect(lines.some((line) => line.includes('…'))).toBe(false)
  })

  it('80 columns show what is wrong with the feed, cut where one sees it', () => {
    const feed = 'reconnecting in 2051 ms (connect ECONNREFUSED 127.0.0.1:9)'
    const [head] = draw(new LiveModel(), 80, 24, { ...quiet, played: null, feed })
    expect(head).toMatch(/UTC {2}feed reconnecting in .*…$/)
    expect(head!.length).toBeLessThanOrEqual(80)
  })

  it('what does not fit is cut where one sees it, and more events than rows are counted', () => {
    const lines = draw(busy(), 80, 24, { ...quiet, notice: 'x'.repeat(100) })
    expect(lines.at(-1)).toBe(`${'x'.repeat(79)}…`)
    expect(lines.find((line) => line.includes('more'))).toMatch(/^ {4}and \d+ more$/)
  })

  it('a position shows where the price is between stop and target', () => {
    const line = (lastTicks: number) =>
      draw(busy(), 80, 24, { ...quiet, lastTicks: () => lastTicks }).find((text) => text.includes('├'))!
    expect(line(645_000)).toMatch(/short .*0\.15385 BTC .*10,000\.00 {2}open .*65500\.0 ├─+●─+┤ 64000\.0$/)
    expect(line(640_000)).toMatch(/─●┤/)
    expect(line(700_000)).toMatch(/├●─/)
    expect(line(Number.NaN)).toMatch(/├─+┤/)
  })

  it('no control character of a venue’s message reaches the terminal', () => {
    const lines = draw(new LiveModel(), 80, 24, { ...quiet, feed: 'venue says: \u001b[2J\u0007\nx' })
    expect(lines.join('')).not.toMatch(/\p{Cc}/u)
  })

  it('colours change no width, and without them there is no escape', () => {
    const coloured = draw(busy(), 80, 24, quiet, true)
    expect(coloured.join('')).toContain('\u001b[32m')
    const colour = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
    expect(coloured.map((line) => line.replaceAll(colour, ''))).toEqual(draw(busy(), 80, 24))
  })

  it('a decision for several events names each of them, and what the ledger said', () => {
    const [one, two, three] = [eventOf('cascade', 0), eventOf('hunt', 1), eventOf('snapback', 0, 1e9)]
    const text = decisionText(decided([one, two, three], 2, 'lower_score', ['SUCCESS', 'NO_CAPITAL']))
    expect(text).toBe(
      `3 events: ${one.eventId} 0.900 + ${two.eventId} 0.890 before ${three.eventId} 0.880: highest_score, SUCCESS, NO_CAPITAL`,
    )
  })

  it('an event is named by symbol and kind', () => {
    expect(shortName('cascade_BTC_1781719539552', 'BTC')).toBe('BTC cascade')
    expect(shortName('custom', 'BTC')).toBe('BTC custom')
  })
})
