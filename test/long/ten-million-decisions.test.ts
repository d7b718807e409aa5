/**
 * Ten million decisions: the whole engine in a process of its own (`support/workers/decisions-worker.mjs`), several candidates a
 * decision, grants that are entered, declined, refused by the venue and settled, events that end and expire. Every hundredth of the way
 * its memory is measured behind a full collection; over the last 80 % it must stay where it was.
 */
import { expect, it } from 'vitest'
import { freshSeed } from '../../src/base/random.ts'
import { memoryFault, memoryText, memoryTrendOf } from '../support/memory-trend.ts'
import { succeeds } from '../support/run.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())
const decisions = 10_000_000
const settling = 0.2
/** Heap and what lies outside it are measured to the byte, so this finds a fifth of a byte a decision; pages come and go. */
const limits = { heapUsed: 2 * 2 ** 20, outside: 2 * 2 ** 20, rss: 32 * 2 ** 20 }

interface Played {
  readonly seconds: number
  readonly decisions: number
  readonly records: number
  readonly kept: number
  readonly heard: {
    readonly decisions: number
    readonly gaps: number
    readonly candidates: number
    readonly names: number
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
  readonly memory: Readonly<Record<keyof typeof limits, readonly number[]>>
}

async function play(given: { decisions: number; samples: number; leak: boolean }): Promise<Played> {
  const worker = 'test/support/workers/decisions-worker.mjs'
  return JSON.parse(await succeeds(process.execPath, ['--expose-gc', worker, JSON.stringify({ seed, ...given })]))
}

function faultsOf({ memory }: Played): (string | null)[] {
  return (Object.keys(limits) as (keyof typeof limits)[]).flatMap(
    (name) => memoryFault(name, memoryTrendOf(memory[name], settling), limits[name]) ?? [],
  )
}

/** What was made is what was heard, to the last of it. */
function expectWhole(played: Played): void {
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
  expect(played.positions).toBe(0)
  // Of everything there is much.
  const few = played.decisions / 1_000
  for (const count of [order.declined, refused, order.opened, events.ended]) expect(count).toBeGreaterThan(few)
  expect(heard.candidates / heard.decisions).toBeGreaterThan(2)
}

it(`soak, seed ${seed}: 10⁷ decisions from arbitration to outcome lose nothing, and memory stays flat`, async () => {
  const played = await play({ decisions, samples: 100, leak: false })
  const told = {
    seed,
    decisions: played.decisions,
    candidates: Number((played.heard.candidates / played.heard.decisions).toFixed(2)),
    events: played.events.triggered,
    granted: played.reservation.granted,
    trades: played.trades,
    seconds: Math.round(played.seconds),
    memory: Object.fromEntries(
      Object.entries(played.memory).map(([name, samples]) => [name, memoryText(samples, settling)]),
    ),
  }
  process.stdout.write(`decisions: ${JSON.stringify(told)}\n`)
  expectWhole(played)
  expect(played.decisions).toBeGreaterThanOrEqual(decisions)
  expect(faultsOf(played)).toEqual([])
}, 3_600_000)

it(`soak, seed ${seed}: an array that keeps each decision is found by the same check`, async () => {
  const played = await play({ decisions: 100_000, samples: 20, leak: true })
  expect(played.kept).toBe(played.decisions)
  expectWhole(played)
  expect(faultsOf(played).join()).toMatch(/heapUsed grows.*outside grows/)
}, 600_000)
