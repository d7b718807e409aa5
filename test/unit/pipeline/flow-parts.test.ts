/** The small parts of the free-running mode, each by itself; threads and all: test/unit/flow-threads.test.ts. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Channel } from '../../../src/channel/channel.ts'
import { numbersCodec } from '../../../src/channel/codec.ts'
import type { DecisionMade } from '../../../src/domain/decision-made.ts'
import { decisionHeader, decisionHeaderSize } from '../../../src/domain/decision-record.ts'
import { createMarketRecord, recordKinds } from '../../../src/domain/market.ts'
import { Timeline } from '../../../src/domain/units.ts'
import { reservedOf, telemetryCodec } from '../../../src/pipeline/decision-telemetry.ts'
import { EventNames } from '../../../src/pipeline/event-names.ts'
import { FlowBoard } from '../../../src/pipeline/flow-board.ts'
import { flowCodec, recordCodec, updateCodec } from '../../../src/pipeline/flow-codec.ts'
import { updateThreads } from '../../../src/pipeline/flow-thread.ts'
import { PatientSender } from '../../../src/pipeline/patient-sender.ts'
import { PendingDecisions } from '../../../src/pipeline/pending-decisions.ts'
import { topologies } from '../../../src/pipeline/topology.ts'
import { UpdateShelf } from '../../../src/pipeline/update-shelf.ts'
import { wireCodec } from '../../../src/pipeline/wire-codec.ts'

const update = (symbolIndex: number, stateVersion: number) => ({
  kind: 'state' as const,
  ...{ symbolIndex, stateVersion, atNs: stateVersion * 10 },
})

describe('update shelf', () => {
  it('holds one update a symbol, the latest, and counts those that it replaced', () => {
    const shelf = new UpdateShelf(2)
    const first = shelf.put(update(0, 1))
    expect(shelf.put(update(1, 2))).toEqual(update(1, 2))
    expect(shelf.put(update(0, 3))).toBeNull()
    expect(first).toEqual(update(0, 3))
    expect(shelf.conflated).toBe(1)
    shelf.clear()
    expect(shelf.put(update(0, 4))).toEqual(update(0, 4))
  })

  it('of any sequence between two clears each symbol says its last, once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 }), (symbols) => {
        const shelf = new UpdateShelf(5)
        const waiting = symbols.flatMap((symbol, version) => shelf.put(update(symbol, version)) ?? [])
        const last = new Map(symbols.map((symbol, version) => [symbol, version]))
        expect(new Map(waiting.map(({ symbolIndex, stateVersion }) => [symbolIndex, stateVersion]))).toEqual(last)
        expect(waiting.length + shelf.conflated).toBe(symbols.length)
      }),
      { seed: 20_261_126 },
    )
  })
})

describe('patient sender', () => {
  const codec = numbersCodec(['value'])

  function open(capacity: number) {
    const channel = Channel.create({ name: 'patient', whenFull: 'block', capacity }, codec)
    const receiver = channel.receiver(codec)
    const told: boolean[] = []
    const sender = new PatientSender(channel.sender(codec), {
      copy: (record) => ({ ...record }),
      onCongestion: (isCongested) => told.push(isCongested),
    })
    const batch = receiver.batch(100)
    const taken: number[] = []
    const take = (most = 100): void => {
      const count = receiver.receive(batch.slice(0, most))
      for (const { value } of batch.slice(0, count)) taken.push(value)
    }
    return { channel, sender, told, taken, take }
  }

  it('never blocks: what finds no room waits, in order, and goes as room comes; congestion is told at its beginning and its end', async () => {
    const { sender, told, taken, take } = open(2)
    const record = { value: 0 }
    for (let value = 0; value < 10; value += 1) {
      record.value = value
      sender.send(record)
    }
    expect(sender.waiting).toBe(8)
    expect(told).toEqual([true])
    for (let turn = 0; turn < 1_000 && taken.length < 10; turn += 1) {
      take(1)
      await nextTurn()
    }
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(told).toEqual([true, false])
    expect(sender.waitingMax).toBe(8)
    expect(sender.lost).toBe(0)
  })

  it('flushed by hand while the event loop waits for room: nothing comes twice', async () => {
    const { sender, taken, take } = open(1)
    for (let value = 0; value < 6; value += 1) sender.send({ value })
    take()
    sender.flush()
    take()
    sender.flush()
    sender.send({ value: 6 })
    for (let turn = 0; turn < 1_000 && taken.length < 7; turn += 1) {
      take()
      await nextTurn()
    }
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('given up, or its channel closed: what waits and what is sent is counted as lost', async () => {
    const { sender, told } = open(1)
    for (let value = 0; value < 3; value += 1) sender.send({ value })
    sender.giveUp()
    sender.send({ value: 3 })
    expect(sender.lost).toBe(3)
    expect(told).toEqual([true, false])
    const other = open(1)
    for (let value = 0; value < 3; value += 1) other.sender.send({ value })
    other.channel.close()
    for (let turn = 0; turn < 1_000 && other.sender.lost < 2; turn += 1) await nextTurn()
    expect(other.sender.lost).toBe(2)
    expect(other.told).toEqual([true, false])
  })
})

describe('flow board', () => {
  it('decision time is the newest record’s plus what has passed × the time scale; before the first record there is none', () => {
    const board = FlowBoard.create(3, 60, 7)
    expect(board.nowNs(1e9)).toBe(Number.NEGATIVE_INFINITY)
    expect(board.stateAgeMs(1e9)).toBe(Number.POSITIVE_INFINITY)
    board.tellTime(5e12, 2e9)
    expect(board.nowNs(2e9)).toBe(5e12)
    expect(board.nowNs(2.5e9)).toBe(5e12 + 0.5e9 * 60)
    board.tellFeedAlive(2e9)
    expect(board.stateAgeMs(2.25e9)).toBe(250)
    expect(board.stateAgeMs(1e9)).toBe(0)
  })

  it('halts, sequences and beats are seen by who attaches to the same memory', () => {
    const board = FlowBoard.create(3, 1, 7)
    const other = new FlowBoard(board.memory, 1)
    expect([other.isHalted, other.haltChanges, other.nextSequence, other.beatsOf(2)]).toEqual([false, 0, 7, 0])
    board.isHalted = true
    other.nextSequence = 12
    other.beat(2)
    expect([other.isHalted, other.haltChanges, board.nextSequence]).toEqual([true, 1, 12])
    expect([board.beatsOf(1), board.beatsOf(2)]).toEqual([0, 1])
  })
})

describe('flow codecs', () => {
  const codec = flowCodec(wireCodec({ types: ['A'], symbols: ['BTC'] }, 1))

  it('a command comes back with its number, stage and time; a message with its intended time', () => {
    const values = new Float64Array(codec.size + 3)
    const box = codec.create()
    const back = codec.create()
    codec.write({ ...box, task: 'stop', command: 9, stage: 5, atNs: 77 }, values, 3)
    codec.read(values, 3, back)
    expect(back).toMatchObject({ task: 'stop', command: 9, stage: 5, atNs: 77 })
    const message = { kind: 'recovered' as const, count: 4 }
    codec.write({ ...box, task: 'message', intendedNs: 123, wire: { message } }, values, 3)
    codec.read(values, 3, back)
    expect(back).toMatchObject({ task: 'message', intendedNs: 123, wire: { message } })
  })

  it('what is no task is a broken invariant', () => {
    const values = new Float64Array(codec.size).fill(17)
    expect(() => codec.read(values, 0, codec.create())).toThrow(/FLOW-3/)
  })

  it('a record and an update come back whole', () => {
    const record = {
      ...createMarketRecord(),
      kind: recordKinds.trade,
      symbolIndex: 3,
      atNs: 5,
      priceTicks: 7,
      quantityLots: 2,
      aggressor: -1,
    }
    const values = new Float64Array(recordCodec.size)
    const back = recordCodec.create()
    recordCodec.write({ record, isHeard: false, intendedNs: 8 }, values, 0)
    recordCodec.read(values, 0, back)
    expect(back).toEqual({ record, isHeard: false, intendedNs: 8 })
    const there = updateCodec.create()
    updateCodec.write({ update: update(2, 6), intendedNs: 9 }, values, 0)
    updateCodec.read(values, 0, there)
    expect(there).toEqual({ update: update(2, 6), intendedNs: 9 })
  })
})

describe('what crosses for display, and what waits at home', () => {
  it('a decision’s record and statuses come back, whatever lies in a slot that was written over', () => {
    const codec = telemetryCodec(2)
    const record = new Float64Array(decisionHeaderSize).fill(1)
    const values = new Float64Array(codec.size)
    const back = codec.create()
    codec.write({ record, length: record.length, statuses: [0] }, values, 0)
    codec.read(values, 0, back)
    expect(back).toEqual({ record, length: record.length, statuses: [0] })
    const names = { types: ['A'], symbols: ['BTC'], timeline: new Timeline(0), idOf: () => '' }
    expect(reservedOf(back, names)).toMatchObject({ kind: 'reserved', statuses: ['NOT_ATTEMPTED'], grants: [] })
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 4, maxLength: 4 }), (head) => {
        values.set(head)
        codec.read(values, 0, back)
        expect(back.record.length).toBeLessThanOrEqual(4_096)
        expect(back.statuses.length).toBeLessThanOrEqual(2)
      }),
      { seed: 20_261_126 },
    )
  })

  it('a pending decision is taken by its sequence, once', () => {
    const decision = (sequence: number): DecisionMade => {
      const record = new Float64Array(decisionHeaderSize)
      record[decisionHeader.sequence] = sequence
      return { record } as DecisionMade
    }
    const pending = new PendingDecisions()
    const made = decision(4)
    pending.add(made)
    expect(pending.take(decision(5))).toBeUndefined()
    expect(pending.take(decision(4))).toBe(made)
    expect(pending.take(decision(4))).toBeUndefined()
  })

  it('names of events are remembered for the newest handles', () => {
    const names = new EventNames(2)
    for (const handle of [1, 2, 2, 3]) names.add(handle, `event ${handle}`)
    expect([1, 2, 3].map((handle) => names.idOf(handle))).toEqual([undefined, 'event 2', 'event 3'])
  })

  it('state updates go to the threads that hear them and do not run the state', () => {
    expect(Object.entries(topologies).map(([name, plan]) => [name, updateThreads(plan)])).toEqual([
      ['inline', []],
      ['compact', []],
      ['spread', [2, 4]],
    ])
  })
})
