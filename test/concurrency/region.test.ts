/**
 * The region under worker threads: relations that must hold inside each value, forbidden outcomes counted, and for each
 * harness a canary that shows it can fail. The specification's tests keep their names.
 */
import { describe, expect, it } from 'vitest'
import { freshSeed } from '../../src/base/random.ts'
import { Region } from '../../src/region/region.ts'
import { createGate, runJob } from '../support/worker-jobs.ts'

const wide = {
  name: 'wide',
  head: ['h'],
  fields: Array.from({ length: 120 }, (_, index) => `f${index}`),
  rows: ['a', 'b'],
  slots: 4,
}
const schema = {
  snapshots: [wide],
  events: { types: ['A', 'B', 'C', 'D'], fields: ['key', 'check'], capacity: 256 },
  participantsMax: 120,
}
const pairings = [
  ['native', 'native'],
  ['js', 'js'],
  ['native', 'js'],
  ['js', 'native'],
] as const
const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())

describe.each(pairings)(`concurrency, seed ${seed}: %s beside %s`, (one, other) => {
  it('test_lock_free_state_read_write: no read is torn, no version goes back, while the writer runs at full speed', async () => {
    const region = Region.create(schema, { backend: one })
    const shared = { gate: createGate() }
    const options = { parties: 2, publishes: one === 'js' ? 60_000 : 400_000 }
    const setup = { descriptor: region.descriptor, seed, options, shared }
    const [, read] = await Promise.all([
      runJob({ ...setup, backend: one, job: 'publish' }, region),
      runJob({ ...setup, backend: other, job: 'read' }, region),
    ])
    expect(read).toMatchObject({ torn: 0, backwards: 0 })
    expect(read.reads! - read.overruns!).toBeGreaterThan(100)
    expect(read.last).toBeGreaterThan(0)
    region.close()
  })

  it('test_event_registry_concurrent_updates: ids stay unique, records whole, scans complete, and no entry is lost', async () => {
    const region = Region.create(schema, { backend: one })
    const options = { parties: 3, rounds: 60_000, ids: 40 }
    const shared = { gate: createGate(), wins: new SharedArrayBuffer(4 * options.ids) }
    const setup = { descriptor: region.descriptor, options, shared, job: 'churn' }
    const results = await Promise.all([
      runJob({ ...setup, backend: one, seed: seed + 1 }, region),
      runJob({ ...setup, backend: other, seed: seed + 2 }, region),
      runJob({ ...setup, backend: one, seed: seed + 3 }, region),
    ])
    for (const result of results) {
      expect(result).toMatchObject({ foreign: 0, full: 0 })
      for (const count of ['registered', 'retired', 'transitions', 'exists', 'scanned']) {
        expect(result[count]).toBeGreaterThan(100)
      }
    }
    expect(region.events.countLive()).toBe(0)
    for (let index = 0; index < schema.events.capacity; index += 1) {
      expect(region.events.register(`all room is there ${index}`, 0, 0).ok).toBe(true)
    }
    region.close()
  })
})

describe.each([
  ['native', 'native'],
  ['native', 'js'],
] as const)(`reservation race, seed ${seed}: %s beside %s`, (one, other) => {
  it('test_position_reservation_race: 100 strategies in two workers race for each of 10,000 events, exactly one wins each', async () => {
    const rounds = 50
    const perRound = 200
    const region = Region.create(schema, { backend: one })
    region.reservations.setLimits({
      capitalMinor: 100_000_000,
      maxOpenPositions: 64,
      maxPositionsPerSymbol: 64,
      interlock: null,
      pots: null,
    })
    const options = { parties: 3, rounds, perRound, strategies: 50 }
    const shared = {
      gate: createGate(),
      wins: new SharedArrayBuffer(4 * rounds * perRound),
      handles: new SharedArrayBuffer(8 * perRound),
    }
    const setup = { descriptor: region.descriptor, options, shared, job: 'race' }
    const racing = Promise.all([
      runJob({ ...setup, backend: one, seed: seed + 1 }, region),
      runJob({ ...setup, backend: other, seed: seed + 2 }, region),
    ])
    const gate = new Int32Array(shared.gate)
    const handles = new Float64Array(shared.handles)
    for (let round = 0; round < rounds; round += 1) {
      await arrived(gate, options.parties, 2 * round)
      for (let index = 0; index < perRound; index += 1) {
        if (round > 0) region.events.retire(handles[index]!)
        const result = region.events.register(`event_${round}_${index}`, index % 4, index % 5)
        handles[index] = result.ok ? result.handle : -1
      }
      Atomics.add(gate, 0, 1)
      await arrived(gate, options.parties, 2 * round + 1)
      Atomics.add(gate, 0, 1)
    }
    const results = await racing
    const wins = new Int32Array(shared.wins)
    expect(wins.every((count) => count === 1)).toBe(true)
    expect(results.map((result) => result.faults)).toEqual([0, 0])
    const claimed = results.reduce((sum, result) => sum + (result.refusals.EVENT_CLAIMED ?? 0), 0)
    expect(claimed).toBe(2 * rounds * perRound * options.strategies - rounds * perRound)
    expect(region.reservations.positions()).toEqual([])
    expect(region.reservations.capitalMinor()).toBe(100_000_000 + rounds * perRound)
    region.close()
  })
})

/** All parties but the main thread have come to the barrier of `round`; it counts itself in. */
async function arrived(gate: Int32Array, parties: number, round: number): Promise<void> {
  const deadline = process.hrtime.bigint() + 60_000_000_000n
  while (Atomics.load(gate, 0) < parties * (round + 1) - 1) {
    if (process.hrtime.bigint() > deadline) throw new Error(`nobody came to barrier ${round}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('canaries: the harnesses above see a fault', () => {
  const region = Region.create(schema, { backend: 'js' })
  it('canary: a snapshot without its sequence is seen to tear', async () => {
    const options = { parties: 2, publishes: 200_000 }
    const shared = { gate: createGate(), bare: new SharedArrayBuffer(8 * 256) }
    const setup = { descriptor: region.descriptor, backend: 'js' as const, seed, options, shared }
    const [, read] = await Promise.all([
      runJob({ ...setup, job: 'publishWithoutSequence' }),
      runJob({ ...setup, job: 'readWithoutSequence' }),
    ])
    expect(read.torn).toBeGreaterThan(0)
  })

  it('canary: check-then-act in place of the compare-and-swap is seen to have two winners', async () => {
    const options = { parties: 2 }
    const events = 100
    const shared = {
      gate: createGate(),
      bare: new SharedArrayBuffer(4 * events),
      wins: new SharedArrayBuffer(4 * events),
    }
    const setup = {
      descriptor: region.descriptor,
      backend: 'js' as const,
      seed,
      options,
      shared,
      job: 'raceWithoutCas',
    }
    await Promise.all([runJob(setup), runJob(setup)])
    expect(new Int32Array(shared.wins).some((count) => count > 1)).toBe(true)
  })
})

describe.each(['native', 'js'] as const)('a worker that ends: %s', (backend) => {
  it('participants: what a worker held when it ended is free again, its event stays', async () => {
    const region = Region.create(schema, { backend: 'native' })
    region.reservations.setLimits({
      capitalMinor: 1_000,
      maxOpenPositions: 1,
      maxPositionsPerSymbol: 1,
      interlock: null,
      pots: null,
    })
    const setup = { descriptor: region.descriptor, seed, options: {}, shared: { gate: createGate() } }
    const left = await runJob({ ...setup, backend, job: 'leaveWithoutClosing' }, region)
    expect(left.participant).toBe(1)
    expect(region.claimWriter(wide).publish()).toBe(2)
    expect(region.events.getById('left behind')).toBe(true)
    const again = Region.attach(region.descriptor, { backend })
    expect(again.participant).toBe(1)
    expect(region.reservations.positions()).toEqual([])
    again.close()
    region.close()
  })
})
