/** Messages between stages come back from shared memory as they were sent, and touch only their part of it. */
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SignalboxError } from '../../../src/base/errors.ts'
import { type Codec, recordDoublesMax } from '../../../src/channel/codec.ts'
import { DecisionMade } from '../../../src/domain/decision-made.ts'
import { createMarketRecord, recordKinds } from '../../../src/domain/market.ts'
import type { PipelineMessage } from '../../../src/domain/message.ts'
import { type WireBox, type WireMessage, wireCodec } from '../../../src/pipeline/wire-codec.ts'
import {
  anyNumber,
  arriving,
  bytesOf,
  changes,
  decisions,
  eventIds,
  events,
  marketRecords,
  messages,
  names,
  positionsMax,
  reserved,
  settlements,
} from './wire-messages.ts'

const seed = 20_260_921
const codec = wireCodec(names, positionsMax)
/** What untouched memory holds: a NaN that no computation gives. */
const untouched = 0xa5

function memory(doubles: number): Float64Array {
  const values = new Float64Array(new SharedArrayBuffer(8 * (doubles + 1)), 8)
  new Uint8Array(values.buffer).fill(untouched)
  return values
}

const slot = memory(codec.size)

/** Writes and reads in one slot. */
function carried(message: WireMessage, box = codec.create(), through: Codec<WireBox> = codec): WireMessage {
  through.write({ message }, slot, 0)
  through.read(slot, 0, box)
  return box.message
}

/** How many doubles the message takes, and whether nothing else was touched: the rest holds what it held. */
function footprint(message: WireMessage, at: number): { doubles: number; isClean: boolean } {
  const values = memory(at + codec.size + 9)
  codec.write({ message }, values, at)
  const bytes = new Uint8Array(values.buffer)
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === untouched) end -= 1
  const doubles = Math.ceil((end - values.byteOffset) / 8) - at
  const before = bytes.subarray(0, values.byteOffset + at * 8)
  return { doubles, isClean: before.every((byte) => byte === untouched) }
}

/** `isDeepStrictEqual` compares numbers as `Object.is` does. */
function expectSame(got: WireMessage, sent: WireMessage): void {
  if (!isDeepStrictEqual(arriving(got), arriving(sent))) expect(arriving(got)).toStrictEqual(arriving(sent))
}

const refused = (field: string) => expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field })
const broken = (field: string) => expect.objectContaining({ code: 'ERR_INVARIANT', field })

function sample<Item>(arbitrary: fc.Arbitrary<Item>, isWanted: (item: Item) => boolean = () => true): Item {
  return fc.sample(arbitrary, { seed, numRuns: 200 }).find(isWanted)!
}

describe('wire codec', () => {
  test.each(Object.keys(messages))('wire codec: %s comes back as it was, wherever it lies', (kind) => {
    const box = codec.create()
    fc.assert(
      fc.property(messages[kind]!, fc.nat({ max: 20 }), (message, at) => {
        const values = memory(at + codec.size + 9)
        codec.write({ message }, values, at)
        codec.read(values, at, box)
        expectSame(box.message, message)
      }),
      { seed, numRuns: 600 },
    )
  })

  test.each(Object.keys(messages))('wire codec: %s touches what it needs of its slot, and nothing beside', (kind) => {
    fc.assert(
      fc.property(messages[kind]!, fc.nat({ max: 20 }), (message, at) => {
        const { doubles, isClean } = footprint(message, at)
        expect(isClean).toBe(true)
        expect(doubles).toBeLessThanOrEqual(codec.size)
        // A slot of exactly these doubles is enough to read it from.
        const values = memory(at + codec.size)
        codec.write({ message }, values, at)
        const part = new Float64Array(new SharedArrayBuffer(8 * doubles))
        new Uint8Array(part.buffer).set(new Uint8Array(values.buffer, values.byteOffset + at * 8, doubles * 8))
        const box = codec.create()
        codec.read(part, 0, box)
        expectSame(box.message, message)
      }),
      { seed, numRuns: 200 },
    )
  })

  test('wire codec: a market record costs a line or two, and a state half a line', () => {
    const costs = new Map<number | string, number>()
    for (const message of [...fc.sample(marketRecords, { seed, numRuns: 100 }), sample(messages.state!)]) {
      costs.set(message.kind, footprint(message, 3).doubles)
    }
    expect(Object.fromEntries(costs)).toEqual({
      [recordKinds.trade]: 6,
      [recordKinds.liquidation]: 7,
      [recordKinds.context]: 7,
      [recordKinds.book]: 9,
      state: 4,
    })
  })

  test('wire codec: messages of all kinds, one after the other in one slot and one box', () => {
    const box = codec.create()
    fc.assert(
      fc.property(fc.array(fc.oneof(...Object.values(messages)), { minLength: 2, maxLength: 12 }), (several) => {
        const kept: [WireMessage, WireMessage][] = []
        for (const message of several) {
          const got = carried(message, box)
          expectSame(got, message)
          if (typeof message.kind === 'string' && message.kind !== 'state') kept.push([got, message])
        }
        // What is rare may be kept.
        for (const [got, message] of kept) expectSame(got, message)
      }),
      { seed, numRuns: 300 },
    )
  })

  test('wire codec: the longest messages fit, of each number of positions', () => {
    const longest = { ...sample(events), eventId: 'x'.repeat(63) }
    const evidence = Object.fromEntries(
      Array.from({ length: 32 }, (_, index) => [`${index}`.padEnd(63, '_'), index / 3]),
    )
    const member = { event: longest, handle: 1, capitalMinor: 2 }
    for (const positions of [1, 2, 64, 256]) {
      const many = wireCodec(names, positions)
      const members = Array.from({ length: positions }, () => ({ ...member }))
      const decision = new DecisionMade(new Float64Array(99), 99, 5, 3, members, sample(decisions).names)
      const grants = members.map((each, index) => ({ member: each, token: index, sequence: 7, decidedAtNs: 8 }))
      const change = { ...sample(changes), event: { ...longest, evidence }, evidence, reason: 'r'.repeat(4_000) }
      const all: WireMessage[] = [
        { kind: 'reserved', decision, statuses: members.map(() => 'SUCCESS'), grants },
        change,
        { ...sample(settlements), position: { ...sample(settlements).position, grant: grants[0]! } },
      ]
      const values = memory(many.size)
      let doublesMax = 0
      for (const message of all) {
        const bytes = new Uint8Array(values.buffer).fill(untouched)
        const box = many.create()
        many.write({ message }, values, 0)
        many.read(values, 0, box)
        expectSame(box.message, message)
        let end = bytes.length
        while (bytes[end - 1] === untouched) end -= 1
        doublesMax = Math.max(doublesMax, Math.ceil(end / 8) - 1)
      }
      expect(doublesMax).toBe(many.size)
      expect(many.size).toBeLessThanOrEqual(recordDoublesMax)
    }
    for (const positions of [0, 257, 1.5]) expect(() => wireCodec(names, positions)).toThrow(refused('positionsMax'))
  })

  test('wire codec: grants that arrive are of the members that arrived; told evidence is empty and frozen', () => {
    const sent = sample(reserved, ({ grants }) => grants.length > 2)
    const got = carried(sent)
    if (got.kind !== 'reserved') throw new Error(`a ${got.kind} arrived`)
    for (const [index, { member }] of got.grants.entries()) {
      const at = sent.decision.members.indexOf(sent.grants[index]!.member)
      expect(member).toBe(got.decision.members[at])
      expect(member.event.evidence).toEqual({})
      expect(Object.isFrozen(member.event.evidence)).toBe(true)
    }
    // It may cross once more.
    expectSame(carried(got), sent)
  })

  test('wire codec: a reason that is absent stays absent, and an empty one empty', () => {
    const { reason: _, ...bare } = sample(changes)
    expect(Object.hasOwn(carried(bare), 'reason')).toBe(false)
    expect(carried({ ...bare, reason: '' })).toMatchObject({ reason: '' })
  })

  test('wire codec: of a decision that arrived, what did not cross cannot be read (WIRE-3)', () => {
    const got = carried(sample(decisions))
    if (got.kind !== 'decision') throw new Error(`a ${got.kind} arrived`)
    for (const ask of [() => got.decision, () => got.stamp, () => got.scenario, () => got.arbitrationId]) {
      expect(ask).toThrow(broken('WIRE-3'))
    }
    expect(() => got.names.idOf(1)).toThrow(broken('WIRE-3'))
    expect(got.names.types).toEqual(names.types)
  })

  test('wire codec: texts that people read are cut behind a whole character', () => {
    const declined = (reason: string) => carried({ kind: 'declined', handle: 1, eventId: 'e', atNs: 2, reason })
    for (const character of ['x', 'é', '€', '😀']) {
      for (const head of ['', 'a', 'ab', 'abc']) {
        const got = declined(head + character.repeat(4_100))
        if (got.kind !== 'declined') throw new Error(`a ${got.kind} arrived`)
        const fitting = Math.floor((4_000 - head.length) / bytesOf(character))
        expect(got.reason).toBe(head + character.repeat(fitting))
      }
    }
    expect(declined('half a \ud800 character')).toMatchObject({ reason: 'half a \ufffd character' })
    const failed = carried({
      kind: 'failed',
      detectorKind: '€'.repeat(30),
      symbol: 'ETH',
      symbolIndex: 1,
      atNs: 3,
      error: new SignalboxError('ERR_IO', '€'.repeat(400), { cause: new Error('stays behind') }),
    })
    if (failed.kind !== 'failed') throw new Error(`a ${failed.kind} arrived`)
    expect(failed.detectorKind).toBe('€'.repeat(21))
    expect(failed.error).toBeInstanceOf(SignalboxError)
    expect(failed.error).toMatchObject({ code: 'ERR_IO', message: '€'.repeat(333) })
    expect(failed.error.cause).toBeUndefined()
  })
})

describe('wire codec: refusals', () => {
  const event = sample(events)
  const change = sample(changes)
  const withEvent = (changed: object): WireMessage => ({ ...change, event: { ...event, ...changed } })
  const evidenceOf = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 1]))

  test.each([
    ['an id of no byte', withEvent({ eventId: '' }), 'eventId'],
    ['an id of 64 bytes', withEvent({ eventId: `${'é'.repeat(31)}xx` }), 'eventId'],
    ['an id with half a character', withEvent({ eventId: 'a\udc00' }), 'eventId'],
    [
      'an id of 64 bytes, declined',
      { kind: 'declined', handle: 1, eventId: 'x'.repeat(64), atNs: 1, reason: '' },
      'eventId',
    ],
    ['a type of another index', withEvent({ typeIndex: (event.typeIndex + 1) % 3 }), 'eventType'],
    ['a symbol that the run has not', withEvent({ symbol: 'DOGE', symbolIndex: 4 }), 'symbol'],
    ['a side that is none', withEvent({ side: 'up' }), 'side'],
    ['a regime that is none', withEvent({ regime: 'calm' }), 'regime'],
    ['33 numbers of evidence', withEvent({ eventId: 'it', evidence: evidenceOf(33) }), 'evidence of it: entries'],
    ['a name of 64 bytes', withEvent({ eventId: 'it', evidence: { ['n'.repeat(64)]: 1 } }), 'evidence of it: name'],
    ['half a character in a name', withEvent({ eventId: 'it', evidence: { '\ud800': 1 } }), 'evidence of it: name'],
  ] as readonly [string, WireMessage, string][])('wire codec: %s is refused', (_, message, field) => {
    expect(() => carried(message)).toThrow(refused(field))
  })

  test('wire codec: more members, statuses or grants than positions are refused, and a grant of no member', () => {
    const some = sample(reserved, ({ grants }) => grants.length > 0)
    const grant = some.grants[0]!
    const tooMany = <Item>(item: Item): Item[] => new Array<Item>(positionsMax + 1).fill(item)
    const { record, length, atNs, idlePots, names: recordNames } = some.decision
    const large = new DecisionMade(record, length, atNs, idlePots, tooMany(grant.member), recordNames)
    expect(() => carried(large)).toThrow(refused('decision: members'))
    expect(() => carried({ ...some, statuses: tooMany('SUCCESS' as const) })).toThrow(refused('reserved: statuses'))
    expect(() => carried({ ...some, grants: tooMany(grant) })).toThrow(refused('reserved: grants'))
    const foreign = { ...grant, member: { ...grant.member } }
    expect(() => carried({ ...some, grants: [foreign] })).toThrow(refused('grants'))
  })

  test('wire codec: a position never crosses (WIRE-2), and no message is of an unknown kind (WIRE-1)', () => {
    const { position } = sample(settlements)
    const moved: PipelineMessage = { kind: 'position', position, to: 'open', atNs: 1, outcome: null, refusal: null }
    expect(() => carried(moved)).toThrow(broken('WIRE-2'))
    for (const kind of ['unknown', 0, 5, -1, 2.5, Number.NaN]) {
      expect(() => carried({ ...createMarketRecord(), kind } as WireMessage)).toThrow(broken('WIRE-1'))
    }
    for (const kind of [0, -1, 2.5, 15, Number.NaN, Number.POSITIVE_INFINITY]) {
      slot[0] = kind
      expect(() => codec.read(slot, 0, codec.create())).toThrow(broken('WIRE-1'))
    }
    expect(() => codec.read(slot, 0, { message: createMarketRecord() })).toThrow(refused('into'))
  })

  test('wire codec: a spoilt count or index is WIRE-1, and never a text from elsewhere', () => {
    const message = sample(reserved, ({ grants }) => grants.length > 0)
    const { doubles } = footprint(message, 0)
    let noticed = 0
    for (let at = 0; at < doubles; at += 1) {
      codec.write({ message }, slot, 0)
      slot[at] = 1e9 + 0.5
      try {
        codec.read(slot, 0, codec.create())
      } catch (thrown) {
        expect(thrown).toEqual(broken('WIRE-1'))
        noticed += 1
      }
    }
    // Kind, counts, and of each member at least id, type, symbol, side, regime.
    expect(noticed).toBeGreaterThanOrEqual(4 + 5 * message.decision.members.length)
  })
})

describe('wire codec: what is hot', () => {
  const collect = (): void => {
    setFlagsFromString('--expose-gc')
    ;(runInNewContext('gc') as () => void)()
  }

  /** Bytes a message that the least growing of many rounds allocated; a round in which a collection ran does not count. */
  function allocated(carry: (round: number) => void): number {
    const [rounds, count] = [50, 20_000]
    let least = Number.POSITIVE_INFINITY
    collect()
    for (let round = 0; round < rounds; round += 1) {
      const before = process.memoryUsage().heapUsed
      for (let each = 0; each < count; each += 1) carry(each)
      const grown = process.memoryUsage().heapUsed - before
      if (grown >= 0) least = Math.min(least, grown)
    }
    return least / count
  }

  const sent = { message: createMarketRecord() as WireMessage }
  const box = codec.create()
  const records = fc.sample(marketRecords, { seed, numRuns: 64 })
  const update = { kind: 'state' as const, symbolIndex: 1, atNs: 0.5, stateVersion: 2 ** 40 }

  test('wire codec: a million market records and states allocate nothing', () => {
    const bytes = allocated((each) => {
      sent.message = each % 3 === 0 ? update : records[each & 63]!
      codec.write(sent, slot, 0)
      codec.read(slot, 0, box)
    })
    expect(bytes).toBeLessThan(1)
  })

  test('wire codec: a reading that makes an object a record is noticed', () => {
    const bytes = allocated((each) => {
      sent.message = records[each & 63]!
      codec.write(sent, slot, 0)
      codec.read(slot, 0, box)
      sent.message = { ...(box.message as typeof update) }
    })
    expect(bytes).toBeGreaterThan(16)
  })
})

/** The same codec with a field that its reader forgets. */
function forgetting(path: readonly string[], value: unknown): Codec<WireBox> {
  return {
    ...codec,
    read(values, at, into) {
      codec.read(values, at, into)
      let owner = into.message as unknown as Record<string, unknown>
      for (const step of path.slice(0, -1)) owner = owner[step] as Record<string, unknown>
      owner[path.at(-1)!] = value
    },
  }
}

describe('wire codec: canary', () => {
  test.each([
    ['market', ['atNs']],
    ['state', ['stateVersion']],
    ['detected', ['stopTicks']],
    ['transition', ['evidence']],
    ['failed', ['error', 'code']],
    ['event', ['event', 'evidence']],
    ['decision', ['idlePots']],
    ['reserved', ['decision', 'record', '0']],
    ['recovered', ['count']],
    ['declined', ['reason']],
    ['settled', ['position', 'order', 'limitTicks']],
  ] as const)('wire codec: a reader of %s that gives another %s is noticed', (kind, path) => {
    for (const message of fc.sample(messages[kind]!, { seed, numRuns: 20 })) {
      const got = carried(message, codec.create(), forgetting(path, 0.123_456_789))
      expect(() => expectSame(got, message)).toThrow()
    }
  })

  test('wire codec: −0 is not 0, and a bit of a price is noticed', () => {
    const [message] = fc.sample(
      events.map((event) => ({ ...sample(changes), event })),
      { seed, numRuns: 1 },
    )
    const withPrice = (referenceTicks: number) => ({ ...message!, event: { ...message!.event, referenceTicks } })
    expect(() => expectSame(withPrice(-0), withPrice(0))).toThrow()
    expect(() => expectSame(withPrice(1), withPrice(1 + Number.EPSILON))).toThrow()
    expectSame(withPrice(Number.NaN), withPrice(Number.NaN))
  })

  test('wire codec: the messages that are drawn have what is awkward', () => {
    const numbers = fc.sample(anyNumber, { seed, numRuns: 500 })
    for (const awkward of [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(numbers.some((value) => Object.is(value, awkward))).toBe(true)
    }
    const ids = fc.sample(eventIds, { seed, numRuns: 500 })
    expect(ids.some((id) => bytesOf(id) === 63)).toBe(true)
    expect(ids.some((id) => /[\u{10000}-\u{10ffff}]/u.test(id))).toBe(true)
    const entries = fc.sample(events, { seed, numRuns: 500 }).map(({ evidence }) => Object.keys(evidence))
    expect(entries.some((keys) => keys.includes('__proto__'))).toBe(true)
    expect(Math.max(...entries.map((keys) => keys.length))).toBeGreaterThan(8)
  })
})
