import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Journal } from '../../../src/journal/journal.ts'
import { journalSeries } from '../../../src/journal/series.ts'
import { builtInStrategies } from '../../../src/strategy/strategies.ts'
import { Rig } from '../../simulation/rig.ts'
import { temporaryFolder } from '../../support/temporary.ts'

function linesOf(folder: string, series: string): Record<string, unknown>[] {
  const text = readFileSync(join(folder, `${series}-000001.ndjson`), 'utf8')
  // Timestamps are bare digits beyond a number's exact range; here only their keys matter.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function playInto(folder: string): { first: number; next: number } {
  const journal = Journal.open(folder, { series: journalSeries })
  const first = journal.nextSequence
  const rig = new Rig({ journal })
  rig.trade(0, 'BTC', 600_000)
  rig.detect({ eventId: `a-${first}` })
  rig.trade(1, 'BTC', 600_000)
  rig.trade(100, 'BTC', 600_000)
  rig.trade(200, 'BTC', 606_000)
  rig.detect({ eventId: `b-${first}` })
  rig.trade(300, 'BTC', 606_000)
  // An entry that never arrives is no trade, but a refusal.
  rig.tradingState = 'HALTED'
  rig.pipeline.stop()
  journal.close()
  rig.close()
  return { first, next: rig.arbitration.counters.decisions + first }
}

it('journal: every change, every decision with its inputs and every closed trade and refused entry has its line, and they refer to each other', () => {
  const folder = temporaryFolder()
  playInto(folder)
  const events = linesOf(folder, 'events').map(({ event_id, state }) => `${event_id} ${state}`)
  expect(events).toEqual(['a-1 TRIGGERED', 'b-1 TRIGGERED'])
  const decisions = linesOf(folder, 'decisions')
  expect(decisions.map(({ sequence }) => sequence)).toEqual(decisions.map((_, index) => index + 1))
  expect(linesOf(folder, 'inputs').map((line) => line.arbitration_id)).toEqual(
    decisions.map((line) => line.arbitration_id),
  )
  const [trade, ...others] = linesOf(folder, 'trades')
  expect(others).toEqual([])
  expect(trade).toMatchObject({ event_id: 'a-1', symbol: 'BTC', side: 'long', outcome: { exit_reason: 'target_hit' } })
  expect(decisions.find((line) => line.arbitration_id === trade!.arbitration_id)).toMatchObject({
    selected: ['a-1'],
    reservation_status: 'SUCCESS',
  })
  const [refusal, ...more] = linesOf(folder, 'refusals')
  expect(more).toEqual([])
  expect(refusal).toMatchObject({ event_id: 'b-1', reason: 'end_of_data', price: null })
  expect(decisions.find((line) => line.arbitration_id === refusal!.arbitration_id)).toMatchObject({ selected: ['b-1'] })
})

it('journal: a second run into the same folder goes on with the sequence', () => {
  const folder = temporaryFolder()
  const first = playInto(folder)
  const second = playInto(folder)
  expect(first.first).toBe(1)
  expect(second.first).toBe(first.next)
  const sequences = linesOf(folder, 'decisions').map(({ sequence }) => sequence)
  expect(sequences).toEqual(sequences.map((_, index) => index + 1))
})

it('journal: the end of an event that a strategy declined says why, with the numbers', () => {
  const folder = temporaryFolder()
  const journal = Journal.open(folder, { series: journalSeries })
  const rig = new Rig({ journal, strategies: builtInStrategies })
  rig.trade(0, 'BTC', 600_000)
  rig.detect({ eventId: 'a', eventType: 'FAILED_HUNT', targetTicks: 600_300, stopTicks: 599_000 })
  rig.trade(1, 'BTC', 600_000)
  journal.close()
  rig.close()
  expect(linesOf(folder, 'events').at(-1)).toMatchObject({
    event_id: 'a',
    state: 'INVALIDATED',
    reason: 'hunt-reversal declines: reward-to-risk left 0.3, least 1',
  })
})
