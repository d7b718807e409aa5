/**
 * Linearizability: three threads do random operations on one region and note when each began and ended; every round's history must
 * have an order in which a sequential model gives the same results. Registry and ledger each by itself: a reservation looks at its
 * event's state and then changes the ledger, which is two objects' affair (RES-3 is what holds across them). A scan is no snapshot of
 * the table (REG-4): its rows are single reads to the model, and what it owes as a whole is looked at by intervals (scan-intervals.ts).
 */
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { freshSeed } from '../../src/base/random.ts'
import { slotStateNames } from '../../src/domain/reservation.ts'
import { Region } from '../../src/region/region.ts'
import { type Call, findViolation, type SequentialModel } from '../support/linearizability.ts'
import { findScanViolation, rowsAsReads, scansBesideChanges } from '../support/scan-intervals.ts'
import { type LedgerState, ledgerModel, registryModel } from '../support/sequential-models.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())
const threads = 3
const openMax = 3
const eventsPerRound = 3
const schema = {
  snapshots: [],
  events: { types: ['A', 'B', 'C'], fields: ['stamp', 'check'], capacity: 64 },
  positionsMax: 8,
  participantsMax: 8,
}

interface Setup {
  readonly job: 'registry' | 'ledger'
  readonly backends: readonly ('native' | 'js')[]
  readonly rounds: number
  readonly callsPerRound: number
  readonly fault?: 'noCompareAndSwap' | 'lateLiveBit'
}

/** What there is when a round begins: the ledger, and the registers of the events that nobody touches in the round. */
interface Before {
  readonly ledger: LedgerState
  readonly registered: readonly Call[]
}

/** Runs the rounds. `check` gets each round's history and what there was before it; it may end the run by returning false. */
async function record(setup: Setup, check: (history: Call[], before: Before) => boolean): Promise<void> {
  const { job, backends, rounds, callsPerRound, fault } = setup
  const region = Region.create(schema, { backend: backends[0]! })
  // Word 0: the round that may run; word 1: how often somebody came to a round's start; word 2: how often somebody began it.
  const gate = new Int32Array(new SharedArrayBuffer(12))
  const handles = new Float64Array(new SharedArrayBuffer(8 * eventsPerRound))
  const histories: Call[][] = Array.from({ length: rounds }, () => [])
  const beganNs = process.hrtime.bigint()
  const workers = Array.from({ length: threads }, (_, thread) => {
    const workerData = {
      descriptor: region.descriptor,
      backend: backends[thread % backends.length],
      ...{
        job,
        seed: seed + thread,
        thread,
        threads,
        rounds,
        callsPerRound,
        gate: gate.buffer,
        handles: handles.buffer,
        beganNs,
        fault,
      },
    }
    const worker = new Worker(new URL('../support/workers/history-worker.mjs', import.meta.url), { workerData })
    // What a fault has broken is left as it is: to free a participant is to walk its chains, which may have no end.
    if (fault === undefined) region.watchWorker(worker)
    worker.on('message', ({ round, calls }: { round: number; calls: Call[] }) => histories[round]!.push(...calls))
    return worker
  })
  let failure: unknown = null
  for (const worker of workers) {
    worker.on('error', (thrown) => {
      failure = thrown
    })
  }
  try {
    for (let round = 0; round < rounds; round += 1) {
      await until(() => Atomics.load(gate, 1) === threads * (round + 1), failureOf)
      const before = prepare(region, handles, round)
      Atomics.store(gate, 0, round + 1)
      Atomics.notify(gate, 0)
      await until(() => histories[round]!.length === threads * callsPerRound, failureOf)
      if (!check(histories[round]!, before)) return
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
    region.close()
  }

  function failureOf(): unknown {
    return failure
  }
}

async function until(isThere: () => boolean, failureOf: () => unknown): Promise<void> {
  const deadline = process.hrtime.bigint() + 60_000_000_000n
  while (!isThere()) {
    const failure = failureOf()
    if (failure !== null) throw failure
    if (process.hrtime.bigint() > deadline) throw new Error('a thread did not come')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** An empty ledger of 100, fresh events and no others; nobody else is at the region. */
function prepare({ events, reservations }: Region, handles: Float64Array, round: number): Before {
  for (const { token, state } of reservations.positions()) {
    const name = slotStateNames[state]
    if (name === 'OPEN') reservations.close(token)
    reservations.release(token, name !== 'RESERVED')
  }
  const limits = { maxOpenPositions: openMax, maxPositionsPerSymbol: 1, interlock: null, pots: null }
  reservations.setLimits({ ...limits, capitalMinor: 100 })
  const left: number[] = []
  events.scan(-1, ({ handle }) => left.push(handle))
  for (const handle of left) events.retire(handle)
  const registered = Array.from(handles, (_, index): Call => {
    // Ids and stamps that no thread uses.
    const values = [10 + index, -1 - index, index % 3] as const
    events.record.set([values[1], -values[1]])
    const result = events.register(`event_${round}_${index}`, values[2], values[0])
    if (!result.ok) throw new Error(result.refusal)
    handles[index] = result.handle
    return { thread: threads, begin: -1, end: -1, name: 'register', values, result: [true, result.handle] }
  })
  const probe = reservations.reserve({ handle: handles[0]!, capitalMinor: 1, leaseUntilNs: 0 })
  if (!probe.ok) throw new Error(probe.refusal)
  reservations.release(probe.token)
  return { ledger: { capital: 100, nextToken: probe.token + 1, slots: [], spent: [] }, registered }
}

/** Calls that ran while another thread's did. */
function overlapping(history: readonly Call[]): number {
  return history.filter((call) =>
    history.some((other) => other.thread !== call.thread && other.begin <= call.end && call.begin <= other.end),
  ).length
}

function violationIn(job: Setup['job'], history: readonly Call[], before: Before): string | null {
  if (job === 'ledger') return findViolation(history, ledgerModel(before.ledger, openMax))
  const calls = [...before.registered, ...history]
  const reads = rowsAsReads(calls)
  const ids = new Set(reads.map(({ values }) => values[0]!))
  for (const id of ids) {
    const violation = findViolation(
      reads.filter(({ values }) => values[0] === id),
      registryModel,
    )
    if (violation !== null) return violation
  }
  return findScanViolation(calls)
}

describe.each([
  ['registry', ['native']],
  ['registry', ['js']],
  ['registry', ['native', 'js']],
  ['ledger', ['native']],
  ['ledger', ['js']],
  ['ledger', ['native', 'js']],
] as const)(`linearizability, seed ${seed}: the %s on %s`, (job, backends) => {
  it('linearizability: every recorded history of three threads has a sequential order', async () => {
    // What ran one after the other proves nothing, and how much runs at a time is up to the machine: on until it was enough.
    let overlaps = 0
    let rounds = 0
    let scansBeside = 0
    const names = new Map<string, number>()
    await record({ job, backends, rounds: 6_000, callsPerRound: 40 }, (history, before) => {
      overlaps += overlapping(history)
      scansBeside += scansBesideChanges(history)
      for (const { name, result } of history) {
        const first = Array.isArray(result) ? (result as unknown[])[0] : (result ?? 'none')
        const kind = `${name} ${name === 'scan' ? (first === undefined ? 'none' : 'some') : first}`
        names.set(kind, (names.get(kind) ?? 0) + 1)
      }
      expect(violationIn(job, history, before)).toBe(null)
      rounds += 1
      return overlaps < 300 || rounds < 200 || (job === 'registry' && scansBeside < 50)
    })
    expect(overlaps).toBeGreaterThanOrEqual(300)
    if (job === 'registry') expect(scansBeside).toBeGreaterThanOrEqual(50)
    const wanted =
      job === 'registry'
        ? [
            'register true',
            'register false',
            'retire true',
            'retire false',
            'transition ok',
            'transition GONE',
            'get none',
            'scan some',
          ]
        : [
            'reserve ok',
            'reserve EVENT_CLAIMED',
            'reserve NO_CAPITAL',
            'submit ok',
            'open ok',
            'close ok',
            'release ok',
            'account 100',
          ]
    for (const kind of wanted) expect([kind, (names.get(kind) ?? 0) > 50]).toEqual([kind, true])
  })
})

describe('canaries: the checker sees what no order explains', () => {
  it.each(['registry', 'ledger'] as const)(
    'canary: without an atomic compare-and-swap the %s has a history without an order',
    async (job) => {
      let violation: string | null = null
      await record(
        { job, backends: ['js'], rounds: 4_000, callsPerRound: 24, fault: 'noCompareAndSwap' },
        (history, before) => {
          violation = violationIn(job, history, before)
          return violation === null
        },
      )
      expect(violation).toMatch(/no order explains more than|a scan |two registers/)
    },
  )

  it('canary: a live bit that is set when its event can be found already makes scans miss events', async () => {
    let violation: string | null = null
    await record(
      { job: 'registry', backends: ['js'], rounds: 1_000, callsPerRound: 40, fault: 'lateLiveBit' },
      (history, before) => {
        violation = violationIn('registry', history, before)
        return violation === null
      },
    )
    expect(violation).toContain('which was live throughout it (REG-4)')
  })

  const call = (thread: number, begin: number, end: number, name: string, values: number[], result: unknown): Call => ({
    thread,
    begin,
    end,
    name,
    values,
    result,
  })
  const check = <State>(history: Call[], model: SequentialModel<State>): boolean =>
    findViolation(history, model) === null
  const empty: LedgerState = { capital: 100, nextToken: 1, slots: [], spent: [] }

  it('canary: two winners of one id, a read of what is not there yet, a value from the past', () => {
    const won = call(0, 0, 10, 'register', [0, 7], [true, 65_536])
    expect(check([won, call(1, 5, 15, 'register', [0, 8], [false, 65_536])], registryModel)).toBe(true)
    expect(check([won, call(1, 5, 15, 'register', [0, 8], [true, 131_072])], registryModel)).toBe(false)
    expect(check([won, call(1, 5, 6, 'getById', [0], [65_536, 0, 7])], registryModel)).toBe(true)
    expect(check([won, call(1, -5, -1, 'getById', [0], [65_536, 0, 7])], registryModel)).toBe(false)
    expect(check([won, call(1, 11, 12, 'getById', [0], null)], registryModel)).toBe(false)
  })

  it('canary: a lost reservation, a token that comes twice, capital that is there after it was reserved', () => {
    const reserved = call(0, 0, 10, 'reserve', [1, 60], ['ok', 1])
    const ledger = ledgerModel(empty, openMax)
    expect(check([reserved, call(1, 5, 15, 'reserve', [2, 60], ['NO_CAPITAL', 0])], ledger)).toBe(true)
    expect(check([reserved, call(1, 5, 15, 'reserve', [2, 60], ['ok', 2])], ledger)).toBe(false)
    expect(check([reserved, call(1, 5, 15, 'reserve', [2, 40], ['ok', 1])], ledger)).toBe(false)
    expect(check([reserved, call(1, 11, 15, 'account', [], [100])], ledger)).toBe(false)
    expect(check([reserved, call(1, 5, 15, 'account', [], [100])], ledger)).toBe(true)
  })
})
