/**
 * Ten million decisions: the whole engine in a process of its own (`support/workers/decisions-worker.mjs`), several candidates a
 * decision, grants that are entered, declined, refused by the venue and settled, events that end and expire, and the tracker that follows
 * every candidate. Every hundredth of the way its memory is measured behind a full collection; over the last 80 % it must stay where it was.
 */
import { expect, it } from 'vitest'
import { freshSeed } from '../../src/base/random.ts'
import { expectWhole, type Played, play } from '../support/decisions-run.ts'
import { memoryFault, memoryText, memoryTrendOf } from '../support/memory-trend.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())
const decisions = 10_000_000
const settling = 0.2
/** Heap and what lies outside it are measured to the byte, so this finds a fifth of a byte a decision; pages come and go. */
const limits = { heapUsed: 2 * 2 ** 20, outside: 2 * 2 ** 20, rss: 32 * 2 ** 20 }

function faultsOf({ memory }: Played): (string | null)[] {
  return (Object.keys(limits) as (keyof typeof limits)[]).flatMap(
    (name) => memoryFault(name, memoryTrendOf(memory[name], settling), limits[name]) ?? [],
  )
}

it(`soak, seed ${seed}: 10⁷ decisions from arbitration to outcome lose nothing, and memory stays flat`, async () => {
  const played = await play({ seed, decisions, samples: 100, leak: false })
  const told = {
    seed,
    decisions: played.decisions,
    candidates: Number((played.heard.candidates / played.heard.decisions).toFixed(2)),
    events: played.events.triggered,
    granted: played.reservation.granted,
    trades: played.trades,
    entries: played.heard.entries,
    supposed: played.heard.supposed,
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
  const played = await play({ seed, decisions: 100_000, samples: 20, leak: true })
  expect(played.kept).toBe(played.decisions)
  expectWhole(played)
  expect(faultsOf(played).join()).toMatch(/heapUsed grows.*outside grows/)
}, 600_000)
