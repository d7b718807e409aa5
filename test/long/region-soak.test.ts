/**
 * Soak: two threads register and retire 10⁸ events and ask for 10⁷ reservations in one region. Nothing is lost, nothing is refused that
 * should not be, and memory stays where it was.
 */
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { freshSeed } from '../../src/base/random.ts'
import { Region } from '../../src/region/region.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())
const threads = 2
const registers = 100_000_000
const reservations = 10_000_000
const capacity = 128
const capitalMinor = 15

interface Outcome {
  readonly registered: number
  readonly reserved: number
  readonly refused: number
  readonly faults: number
  readonly before: number
  readonly after: number
}

it(`soak, seed ${seed}: 10⁸ registers and retires and 10⁷ reservations lose no slot, and memory stays flat`, async () => {
  const began = performance.now()
  const schema = {
    snapshots: [],
    events: { types: ['A', 'B', 'C'], fields: ['score'], capacity },
    positionsMax: 4,
    participantsMax: 4,
  }
  const region = Region.create(schema, { backend: 'native' })
  region.reservations.setLimits({
    // One at a time: the other thread is refused whenever it comes while one is held.
    capitalMinor,
    maxOpenPositions: 4,
    maxPositionsPerSymbol: 4,
    interlock: null,
    pots: null,
  })
  const outcomes = await Promise.all(
    Array.from(
      { length: threads },
      (_, thread) =>
        new Promise<Outcome>((resolve, reject) => {
          const worker = new Worker(new URL('../support/workers/soak-worker.mjs', import.meta.url), {
            workerData: {
              descriptor: region.descriptor,
              backend: 'native',
              seed: seed + thread,
              thread,
              events: registers / threads,
              reservations: reservations / threads,
            },
          })
          worker.once('message', resolve)
          worker.once('error', reject)
        }),
    ),
  )
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  expect(sum(({ faults }) => faults)).toBe(0)
  expect(sum(({ registered }) => registered)).toBe(registers)
  expect(sum(({ reserved, refused }) => reserved + refused)).toBe(reservations)
  // Every entry and every slot can be had again.
  expect(region.events.countLive()).toBe(0)
  expect(region.reservations.account()).toEqual({ capitalMinor, positions: [] })
  const handles = Array.from({ length: capacity }, (_, index) => region.events.register(`all ${index}`, 0, 0))
  expect(handles.every(({ ok }) => ok)).toBe(true)
  expect(region.events.register('one more', 0, 0)).toMatchObject({ ok: false, refusal: 'FULL' })
  const growth = Math.max(...outcomes.map(({ before, after }) => after - before))
  expect(growth).toBeLessThan(32 * 1024 * 1024)
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const told = { seed, registers, reserved: sum((one) => one.reserved), refused: sum((one) => one.refused), seconds }
  process.stdout.write(`soak: ${JSON.stringify({ ...told, growthMiB: Math.round(growth / 2 ** 20) })}\n`)
}, 1_800_000)
