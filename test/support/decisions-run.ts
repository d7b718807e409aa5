/** A run of many decisions in a process of its own (`workers/decisions-worker.mjs`), and what must be so of any such run. */
import { expect } from 'vitest'
import { succeeds } from './run.ts'

export interface Played {
  readonly seconds: number
  readonly decisions: number
  readonly records: number
  readonly kept: number
  readonly heard: {
    readonly decisions: number
    readonly gaps: number
    readonly candidates: number
    readonly names: number
    /** Counterfactual entries; of their candidates those that were selected, that were traded, and that would have been. */
    readonly entries: number
    readonly selected: number
    readonly earned: number
    readonly supposed: number
    readonly lines: Readonly<Record<string, number>>
  }
  readonly events: { readonly triggered: number; readonly ended: number }
  readonly registered: number
  readonly live: number
  readonly arbitration: { readonly decisions: number; readonly multiEvent: number; readonly selected: number }
  readonly reservation: { readonly granted: number; readonly error: number }
  readonly order: {
    readonly submitted: number
    readonly opened: number
    readonly declined: number
    readonly refused: Readonly<Record<string, number>>
  }
  readonly settled: number
  readonly trades: number
  readonly positions: number
  readonly reports: readonly string[]
  readonly memory: Readonly<Record<'heapUsed' | 'outside' | 'rss', readonly number[]>>
}

export async function play(given: {
  seed: number
  decisions: number
  samples: number
  leak: boolean
}): Promise<Played> {
  const worker = 'test/support/workers/decisions-worker.mjs'
  return JSON.parse(await succeeds(process.execPath, ['--expose-gc', worker, JSON.stringify(given)]))
}

/** What was made is what was heard, to the last of it. */
export function expectWhole(played: Played): void {
  const { heard, events, order, reservation } = played
  expect(played.reports).toEqual([])
  expect(played.arbitration.decisions).toBe(played.decisions)
  expect([heard.decisions, heard.gaps]).toEqual([played.decisions, 0])
  expect([heard.names, played.registered]).toEqual([events.triggered, events.triggered])
  expect(events.triggered - events.ended).toBe(played.live)
  const refused = Object.values(order.refused).reduce((sum, count) => sum + count, 0)
  expect([reservation.granted, reservation.error]).toEqual([played.arbitration.selected, 0])
  expect(reservation.granted).toBe(order.declined + order.submitted)
  expect(order.submitted).toBe(order.opened + refused)
  expect([played.settled, played.trades]).toEqual([order.submitted, order.opened])
  expect([heard.lines.trades, heard.lines.refusals]).toEqual([order.opened, refused])
  expect([heard.selected, heard.earned]).toEqual([played.arbitration.selected, order.opened])
  expect(played.positions).toBe(0)
  // Of everything there is much.
  const few = played.decisions / 1_000
  for (const count of [order.declined, refused, order.opened, events.ended, heard.entries, heard.supposed])
    expect(count).toBeGreaterThan(few)
  expect(heard.candidates / heard.decisions).toBeGreaterThan(2)
}
