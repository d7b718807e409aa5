/** The region's contract: one suite, run on the native backend, on the js backend, and on both mixed over the same bytes. */
import type { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { SignalboxError } from '../../src/base/errors.ts'
import { lifecycle } from '../../src/domain/event.ts'
import { slotStates } from '../../src/domain/reservation.ts'
import { hashId } from '../../src/region/backend/js/event-id.ts'
import { layout } from '../../src/region/layout.ts'
import type { ReservationLimits } from '../../src/region/limits.ts'
import { Region } from '../../src/region/region.ts'
import type { RegionSchema } from '../../src/region/schema.ts'

const hot = { name: 'hot', head: ['stateVersion'], fields: ['last', 'mark'], rows: ['BTC', 'ETH', 'SOL'] } as const
const schema = {
  snapshots: [hot],
  events: { types: ['CASCADE', 'HUNT', 'SNAPBACK', 'DISTRIBUTION'], fields: ['score', 'detectedAtNs'], capacity: 64 },
  positionsMax: 8,
  participantsMax: 6,
} satisfies RegionSchema

const limits: ReservationLimits = {
  capitalMinor: 1_000_000,
  maxOpenPositions: 8,
  maxPositionsPerSymbol: 1,
  interlock: { scope: 'account', compatible: [[], [2], [1, 3], [2]] },
  pots: null,
}

function hashOf(id: string): number {
  const bytes = new TextEncoder().encode(id)
  return hashId(bytes, bytes.length)
}

/** `one` and `other` are two attachments to one region; in the mixed runs they are of different backends. */
const pairings = [
  ['native', 'native'],
  ['js', 'js'],
  ['native', 'js'],
  ['js', 'native'],
] as const

describe.each(pairings)('region contract: %s beside %s', (oneBackend, otherBackend) => {
  const open: Region[] = []
  function pair(overrides: Partial<RegionSchema> = {}): { one: Region; other: Region } {
    const one = Region.create({ ...schema, ...overrides }, { backend: oneBackend, epochNs: 1_781_654_400_000_000_000n })
    const other = Region.attach(one.descriptor, { backend: otherBackend })
    open.push(one, other)
    one.reservations.setLimits(limits)
    return { one, other }
  }
  function registered(region: Region, id: string, type = 0, symbol = 0): number {
    const result = region.events.register(id, type, symbol)
    if (!result.ok) throw new Error(`${id}: ${result.refusal}`)
    return result.handle
  }
  const request = (handle: number, capitalMinor = 1_000, leaseUntilNs = 1_000) => ({
    handle,
    capitalMinor,
    leaseUntilNs,
  })
  afterEach(() => {
    for (const region of open.splice(0)) region.close()
  })

  it('region: an attachment says which backend serves and shares the epoch', () => {
    const { one, other } = pair()
    expect([one.backend, other.backend]).toEqual([oneBackend, otherBackend])
    expect(other.epochNs).toBe(1_781_654_400_000_000_000n)
    expect(one.participant).not.toBe(other.participant)
  })

  it('region: one attachment more than the region has participants is refused by code', () => {
    const { one } = pair()
    for (let more = 2; more < schema.participantsMax; more += 1)
      open.push(Region.attach(one.descriptor, { backend: otherBackend }))
    expect(() => Region.attach(one.descriptor, { backend: otherBackend })).toThrow(
      expect.objectContaining({ code: 'ERR_PARTICIPANTS' }),
    )
    open.pop()!.close()
    open.push(Region.attach(one.descriptor, { backend: otherBackend }))
  })

  it('region: bytes that are no region, of another version, or of another schema are refused by code', () => {
    const { one } = pair()
    const refused = expect.objectContaining({ code: 'ERR_FOREIGN_REGION' })
    const zeros = new SharedArrayBuffer(one.descriptor.bytes.byteLength)
    expect(() => Region.attach({ bytes: zeros, schema }, { backend: otherBackend })).toThrow(refused)
    expect(() => Region.attach({ bytes: new SharedArrayBuffer(8), schema }, { backend: otherBackend })).toThrow(refused)
    const renamed = { ...schema, events: { ...schema.events, fields: ['score', 'detected'] } }
    expect(() => Region.attach({ ...one.descriptor, schema: renamed }, { backend: otherBackend })).toThrow(refused)
    new BigUint64Array(one.descriptor.bytes)[1] = 99n
    expect(() => Region.attach(one.descriptor, { backend: otherBackend })).toThrow(refused)
    new BigUint64Array(one.descriptor.bytes)[1] = BigInt(layout.version)
  })

  it('region: every object throws ERR_CLOSED after close, and closing twice is harmless', () => {
    const { one, other } = pair()
    const writer = other.claimWriter(hot)
    const reader = other.reader(hot)
    other.close()
    other.close()
    const closed = expect.objectContaining({ code: 'ERR_CLOSED' })
    expect(() => writer.publish()).toThrow(closed)
    expect(() => reader.read()).toThrow(closed)
    expect(() => other.events.register('a', 0, 0)).toThrow(closed)
    expect(() => other.reservations.positions()).toThrow(closed)
    expect(() => other.claimWriter(hot)).toThrow(closed)
    expect(one.claimWriter(hot).publish()).toBe(1)
  })

  it('snapshot: nothing published reads as version 0; then a read returns what was published, whole or by row', () => {
    const { one, other } = pair()
    const writer = one.claimWriter(hot)
    const reader = other.reader(hot)
    expect(reader.read()).toBe(0)
    for (let version = 1; version <= 40; version += 1) {
      writer.head[0] = version
      for (const [index, row] of writer.rows.entries()) row.fill(version * 10 + index)
      expect(writer.publish()).toBe(version)
      expect(reader.readRow(1)).toBe(version)
      expect([...reader.rows[1]!]).toEqual([version * 10 + 1, version * 10 + 1])
      expect(reader.read()).toBe(version)
      expect(reader.head[reader.headIndex.stateVersion]).toBe(version)
      expect(reader.rows.map((row) => row[reader.fieldIndex.mark])).toEqual([0, 1, 2].map((row) => version * 10 + row))
    }
  })

  it('snapshot: NaN and −0 survive, and the staged values stay for the next publish', () => {
    const { one, other } = pair()
    const writer = one.claimWriter(hot)
    const reader = other.reader(hot)
    writer.rows[0]!.set([Number.NaN, -0])
    writer.publish()
    writer.rows[2]![0] = 7
    writer.publish()
    reader.read()
    expect(reader.rows[0]![0]).toBeNaN()
    expect(Object.is(reader.rows[0]![1], -0)).toBe(true)
    expect(reader.rows[2]![0]).toBe(7)
  })

  it('snapshot: a second writer is refused until the first releases its claim or closes, and goes on from its version', () => {
    const { one, other } = pair()
    const writer = one.claimWriter(hot)
    writer.rows[0]![0] = 5
    writer.publish()
    expect(() => other.claimWriter(hot)).toThrow(expect.objectContaining({ code: 'ERR_WRITER_CLAIMED' }))
    writer.release()
    expect(() => writer.publish()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    const next = other.claimWriter(hot)
    next.rows[0]![0] = 6
    expect(next.publish()).toBe(2)
    other.close()
    expect(one.claimWriter(hot).publish()).toBe(3)
  })

  it('registry: an event is found by handle and by id with all that was registered', () => {
    const { one, other } = pair()
    one.events.record.set([0.75, 123_456_789_012])
    const handle = registered(one, 'cascade_BTC_1781719387000', 2, 1)
    other.events.record.fill(0)
    expect(other.events.getById('cascade_BTC_1781719387000')).toBe(true)
    expect(other.events.handle).toBe(handle)
    other.events.record.fill(0)
    expect(other.events.get(handle)).toBe(true)
    expect([...other.events.record]).toEqual([0.75, 123_456_789_012])
    expect([other.events.typeIndex, other.events.symbolIndex]).toEqual([2, 1])
    expect([other.events.lifecycle, other.events.spent]).toEqual([lifecycle.TRIGGERED, false])
    expect(other.events.idOf(handle)).toBe('cascade_BTC_1781719387000')
    expect(other.events.getById('cascade_BTC_1781719387001')).toBe(false)
  })

  it('registry: an id is live once; a retired id may be registered anew under another handle', () => {
    const { one, other } = pair()
    const handle = registered(one, 'a')
    expect(other.events.register('a', 1, 1)).toEqual({ ok: false, refusal: 'EXISTS', handle })
    expect(other.events.retire(handle)).toBe(true)
    expect(one.events.retire(handle)).toBe(false)
    expect(one.events.get(handle)).toBe(false)
    expect(one.events.getById('a')).toBe(false)
    expect(one.events.idOf(handle)).toBeNull()
    const again = registered(other, 'a')
    expect(again).not.toBe(handle)
    expect(one.events.get(handle)).toBe(false)
    expect(one.events.transition(handle, 1)).toEqual({ ok: false, refusal: 'GONE' })
  })

  it('registry: full is a result, and a retire makes room', () => {
    const { one, other } = pair()
    const handles = Array.from({ length: 64 }, (_, index) =>
      registered(index % 2 ? one : other, `e${index}`, index % 4),
    )
    expect(other.events.register('one too many', 0, 0)).toEqual({ ok: false, refusal: 'FULL' })
    expect(one.events.register('e7', 0, 0)).toMatchObject({ refusal: 'EXISTS' })
    expect(other.events.countLive()).toBe(64)
    one.events.retire(handles[13]!)
    registered(other, 'now there is room')
    expect(one.events.countLive()).toBe(64)
  })

  it('registry: thousands of registers and retires lose no entry', () => {
    const { one, other } = pair()
    for (let round = 0; round < 300; round += 1) {
      const regions = [one, other]
      const handles = Array.from({ length: 20 }, (_, index) =>
        registered(regions[index % 2]!, `r${round}_${index}`, index % 4),
      )
      for (const [index, handle] of handles.entries()) {
        expect(regions[(index + 1) % 2]!.events.retire(handle)).toBe(true)
      }
    }
    expect(one.events.countLive()).toBe(0)
    for (let index = 0; index < 64; index += 1) registered(one, `last${index}`)
    expect(other.events.scan(-1, () => undefined)).toBe(64)
  })

  it('registry: only legal transitions, forward, skipping allowed, the last two final', () => {
    const { one, other } = pair()
    const handle = registered(one, 'a')
    expect(other.events.transition(handle, lifecycle.COMPLETING)).toEqual({ ok: true, from: lifecycle.TRIGGERED })
    expect(one.events.transition(handle, lifecycle.ACTIVE)).toEqual({ ok: false, refusal: 'ILLEGAL', from: 2 })
    expect(one.events.transition(handle, lifecycle.COMPLETING)).toMatchObject({ refusal: 'ILLEGAL' })
    expect(one.events.transition(handle, lifecycle.COMPLETED)).toEqual({ ok: true, from: 2 })
    expect(other.events.transition(handle, lifecycle.INVALIDATED)).toMatchObject({ refusal: 'ILLEGAL', from: 3 })
    expect(other.events.get(handle)).toBe(true)
    expect(other.events.lifecycle).toBe(lifecycle.COMPLETED)
  })

  it('registry: a scan finds the live events of a type, or of all, with their records', () => {
    const { one, other } = pair()
    for (let index = 0; index < 40; index += 1) {
      one.events.record.set([index / 64, index])
      registered(one, `e${index}`, index % 4, index % 3)
    }
    one.events.getById('e5')
    one.events.retire(one.events.handle)
    const seen: number[] = []
    other.events.scan(1, (event) => {
      expect(event.typeIndex).toBe(1)
      expect(event.record[0]).toBe(event.record[1]! / 64)
      expect(event.symbolIndex).toBe(event.record[1]! % 3)
      seen.push(event.record[1]!)
    })
    expect(seen.sort((a, b) => a - b)).toEqual([1, 9, 13, 17, 21, 25, 29, 33, 37])
    expect(other.events.scan(-1, () => undefined)).toBe(39)
  })

  it('registry: ids are 1 to 63 bytes of well-formed UTF-8 and are told apart beyond Latin-1', () => {
    const { one, other } = pair()
    const long = 'x'.repeat(63)
    const ids = ['é', 'ǩ', 'i', '中文', '😀', 'e\u0301', '\u0000', 'a\u0000', long, `${'é'.repeat(31)}a`]
    const handles = ids.map((id, index) => registered(index % 2 ? one : other, id))
    ids.forEach((id, index) => {
      expect(one.events.getById(id)).toBe(true)
      expect(one.events.handle).toBe(handles[index])
      expect(other.events.idOf(handles[index]!)).toBe(id)
      expect(other.events.register(id, 0, 0)).toMatchObject({ refusal: 'EXISTS' })
    })
    const invalid = expect.objectContaining({ name: 'SignalboxError', code: 'ERR_INVALID_ARGUMENT', field: 'eventId' })
    for (const bad of [
      '',
      'x'.repeat(64),
      'é'.repeat(32),
      '😀'.repeat(16),
      '\ud800',
      'a\udc00b',
      '\udc00\ud800',
      7 as unknown as string,
    ]) {
      expect(() => one.events.register(bad, 0, 0)).toThrow(invalid)
      expect(() => other.events.getById(bad)).toThrow(invalid)
    }
  })

  it('registry: numbers out of range are refused before anything is touched', () => {
    const { one, other } = pair()
    const invalid = expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' })
    for (const bad of [-1, 4, 1.5, Number.NaN, -0, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => one.events.register('a', bad, 0)).toThrow(invalid)
    }
    for (const bad of [-1, 1.5, Number.NaN, -0, 2 ** 53]) {
      expect(() => other.events.get(bad)).toThrow(invalid)
      expect(() => other.events.retire(bad)).toThrow(invalid)
      expect(() => other.reservations.submit(bad)).toThrow(invalid)
      expect(() => other.reservations.reserve(request(bad))).toThrow(invalid)
      expect(() => other.reservations.reserve(request(1, bad))).toThrow(invalid)
    }
    expect(other.events.get(63 + 65536 * 5)).toBe(false)
    expect(other.events.get(65535)).toBe(false)
    expect(one.events.countLive()).toBe(0)
  })

  it('reservation: the way of a position, RESERVED to free, and its capital', () => {
    const { one, other } = pair()
    const handle = registered(one, 'a', 0, 2)
    const reserved = one.reservations.reserve(request(handle, 250_000, 99))
    expect(reserved).toEqual({ ok: true, token: 1 })
    expect(other.reservations.positions()).toEqual([
      {
        token: 1,
        handle,
        capitalMinor: 250_000,
        symbolIndex: 2,
        typeIndex: 0,
        state: slotStates.RESERVED,
        owner: one.participant,
        leaseUntilNs: 99,
      },
    ])
    expect(other.reservations.submit(1)).toEqual({ ok: true })
    expect(other.reservations.submit(1)).toEqual({ ok: false, refusal: 'ILLEGAL_STATE' })
    expect(one.reservations.open(1)).toEqual({ ok: true })
    expect(other.reservations.close(1)).toEqual({ ok: true })
    expect(other.reservations.positions()[0]!.state).toBe(slotStates.CLOSING)
    expect(one.reservations.release(1, true, -12_345)).toEqual({ ok: true })
    expect(one.reservations.positions()).toEqual([])
    expect(other.reservations.capitalMinor()).toBe(987_655)
  })

  it('reservation: a scan shows what the account has, in one object, and its visitor may read events', () => {
    const { one, other } = pair()
    const handles = ['a', 'b', 'c'].map((id, symbol) => registered(one, id, 1, symbol))
    one.reservations.setLimits({ ...limits, interlock: null })
    for (const [index, handle] of handles.entries())
      one.reservations.reserve(request(handle, 1_000 + index, 99 + index))
    one.reservations.submit(2)
    const shown = new Set<object>()
    const found: unknown[] = []
    const ids: unknown[] = []
    const capitalMinor = other.reservations.scan((slot) => {
      shown.add(slot)
      found.push({ ...slot })
      ids.push([other.events.idOf(slot.handle), other.events.get(slot.handle), other.events.symbolIndex])
    })
    expect({ capitalMinor, positions: found }).toEqual(other.reservations.account())
    expect(shown.size).toBe(1)
    const inOrder = [0, 1, 2].map((index) => [['a', 'b', 'c'][index], true, index])
    expect(ids).toEqual(inOrder)
    expect(() => other.reservations.scan(undefined as never)).toThrow(/visit must be a function/)
    const stop = new Error('stop')
    const throwing = (): never => {
      throw stop
    }
    expect(() => other.reservations.scan(throwing)).toThrow(stop)
    expect(other.reservations.account().positions).toHaveLength(3)
  })

  it('reservation: whether somebody holds an event is told while a slot is used for it', () => {
    const { one, other } = pair()
    const [handle, free] = [registered(one, 'a'), registered(one, 'b')]
    expect(other.reservations.holds(handle)).toBe(false)
    const reserved = one.reservations.reserve(request(handle))
    expect([other.reservations.holds(handle), other.reservations.holds(free)]).toEqual([true, false])
    if (reserved.ok) one.reservations.release(reserved.token)
    expect(other.reservations.holds(handle)).toBe(false)
    one.close()
    expect(() => one.reservations.holds(handle)).toThrow(/closed/)
  })

  it('reservation: an event is held once, and an event that was submitted is spent for good', () => {
    const { one, other } = pair()
    const handle = registered(one, 'a')
    const first = one.reservations.reserve(request(handle))
    expect(other.reservations.reserve(request(handle))).toEqual({ ok: false, refusal: 'EVENT_CLAIMED' })
    expect(first.ok && one.reservations.release(first.token)).toEqual({ ok: true })
    const second = other.reservations.reserve(request(handle))
    expect(second).toEqual({ ok: true, token: 2 })
    one.events.get(handle)
    expect(one.events.spent).toBe(false)
    other.reservations.submit(2)
    one.events.get(handle)
    expect(one.events.spent).toBe(true)
    expect(other.reservations.release(2, true)).toEqual({ ok: true })
    expect(one.reservations.reserve(request(handle))).toEqual({ ok: false, refusal: 'EVENT_CLAIMED' })
  })

  it('reservation: an event that is not actionable or gone cannot be reserved', () => {
    const { one, other } = pair()
    const handle = registered(one, 'a')
    one.events.transition(handle, lifecycle.COMPLETED)
    expect(other.reservations.reserve(request(handle))).toEqual({ ok: false, refusal: 'EVENT_CLAIMED' })
    one.events.retire(handle)
    expect(other.reservations.reserve(request(handle))).toEqual({ ok: false, refusal: 'EVENT_CLAIMED' })
  })

  it('reservation: a stale token frees nothing', () => {
    const { one, other } = pair()
    const handle = registered(one, 'a')
    const first = one.reservations.reserve(request(handle))
    one.reservations.release(1)
    const second = other.reservations.reserve(request(handle))
    expect([first, second]).toEqual([
      { ok: true, token: 1 },
      { ok: true, token: 2 },
    ])
    for (const step of [one.reservations.submit(1), one.reservations.open(1), one.reservations.release(1, true, 5)]) {
      expect(step).toEqual({ ok: false, refusal: 'STALE_TOKEN' })
    }
    expect(other.reservations.positions()).toHaveLength(1)
    expect(other.reservations.capitalMinor()).toBe(1_000_000)
  })

  it('reservation: SUBMITTED and CLOSING need the venue’s word, OPEN must close first', () => {
    const { one, other } = pair()
    one.reservations.reserve(request(registered(one, 'a')))
    one.reservations.submit(1)
    expect(other.reservations.release(1)).toEqual({ ok: false, refusal: 'ILLEGAL_STATE' })
    one.reservations.open(1)
    expect(other.reservations.release(1, true)).toEqual({ ok: false, refusal: 'ILLEGAL_STATE' })
    one.reservations.close(1)
    expect(other.reservations.release(1)).toEqual({ ok: false, refusal: 'ILLEGAL_STATE' })
    expect(other.reservations.release(1, true)).toEqual({ ok: true })
  })

  it('reservation: leases end RESERVED slots only', () => {
    const { one, other } = pair()
    one.reservations.setLimits({ ...limits, interlock: null })
    one.reservations.reserve(request(registered(one, 'a', 0, 0), 1_000, 50))
    one.reservations.reserve(request(registered(one, 'b', 0, 1), 1_000, 60))
    one.reservations.reserve(request(registered(one, 'c', 0, 2), 1_000, 40))
    one.reservations.submit(3)
    expect(other.reservations.recover(49)).toBe(0)
    expect(other.reservations.recover(50)).toBe(1)
    expect(one.reservations.positions().map((slot) => slot.token)).toEqual([2, 3])
    expect(one.reservations.submit(1)).toEqual({ ok: false, refusal: 'STALE_TOKEN' })
    expect(one.reservations.recover(1e9)).toBe(1)
    expect(one.reservations.positions().map((slot) => slot.token)).toEqual([3])
  })

  it('reservation: refusals come in their order: interlock, symbol, account, capital', () => {
    const { one, other } = pair()
    one.reservations.setLimits({ ...limits, maxOpenPositions: 2 })
    const snapback = registered(one, 'snapback ETH', 2, 1)
    expect(one.reservations.reserve(request(snapback, 900_000))).toMatchObject({ ok: true })
    const cascade = registered(one, 'cascade ETH', 0, 1)
    const hunt = registered(one, 'hunt ETH', 1, 1)
    const huntSol = registered(one, 'hunt SOL', 1, 2)
    const distribution = registered(one, 'distribution SOL', 3, 2)
    const anotherSnapback = registered(one, 'snapback BTC', 2, 0)
    expect(other.reservations.reserve(request(cascade, 200_000))).toMatchObject({ refusal: 'INTERLOCKED' })
    expect(other.reservations.reserve(request(hunt, 200_000))).toMatchObject({ refusal: 'SLOT_TAKEN' })
    expect(other.reservations.reserve(request(huntSol, 100_001))).toMatchObject({ refusal: 'NO_CAPITAL' })
    expect(other.reservations.reserve(request(huntSol, 100_000))).toMatchObject({ ok: true })
    expect(other.reservations.reserve(request(distribution, 1))).toMatchObject({ refusal: 'INTERLOCKED' })
    expect(other.reservations.reserve(request(anotherSnapback, 1))).toMatchObject({ refusal: 'MAX_POSITIONS' })
  })

  it('reservation: the interlock can ask per symbol', () => {
    const { one, other } = pair()
    one.reservations.setLimits({
      ...limits,
      maxPositionsPerSymbol: 2,
      interlock: { scope: 'symbol', compatible: [[], [], [], []] },
    })
    one.reservations.reserve(request(registered(one, 'a', 0, 0)))
    expect(other.reservations.reserve(request(registered(one, 'b', 1, 0)))).toMatchObject({ refusal: 'INTERLOCKED' })
    expect(other.reservations.reserve(request(registered(one, 'c', 1, 1)))).toMatchObject({ ok: true })
    expect(other.reservations.reserve(request(registered(one, 'd', 0, 0)))).toMatchObject({ ok: true })
  })

  it('reservation: a set is admitted whole or not at all, and the refused member is named', () => {
    const { one, other } = pair()
    one.reservations.setLimits({ ...limits, interlock: null })
    const handles = [0, 1, 2].map((symbol) => registered(one, `e${symbol}`, symbol, symbol))
    expect(other.reservations.reserveAll(handles.map((handle) => request(handle, 400_000)))).toEqual({
      ok: false,
      refusal: 'NO_CAPITAL',
      index: 2,
    })
    expect(one.reservations.positions()).toEqual([])
    expect(other.reservations.reserveAll(handles.map((handle) => request(handle, 333_333)))).toEqual({
      ok: true,
      tokens: [1, 2, 3],
    })
    expect(one.reservations.reserveAll([request(handles[0]!), request(handles[0]!)])).toMatchObject({ index: 0 })
    const twice = registered(one, 'twice', 3, 7)
    expect(one.reservations.reserveAll([request(twice, 1), request(twice, 1)])).toEqual({
      ok: false,
      refusal: 'EVENT_CLAIMED',
      index: 1,
    })
  })

  it('reservation: pots guarantee and bound each type; idle pots lend once', () => {
    const { one, other } = pair()
    one.reservations.setLimits({
      ...limits,
      capitalMinor: 1_000_001,
      interlock: null,
      pots: { sharesPpm: [700_000, 200_000, 100_000], ofType: [0, 1, 2, -1] },
    })
    const [cascade, hunt, snapback, orphan] = [0, 1, 2, 3].map((type) => registered(one, `t${type}`, type, type))
    expect(other.reservations.reserve(request(orphan!, 1))).toMatchObject({ refusal: 'NO_CAPITAL' })
    expect(other.reservations.reserve(request(hunt!, 200_001))).toMatchObject({ refusal: 'NO_CAPITAL' })
    // The pot of cascades is idle and lends ⌊1,000,001 × 0.7⌋ = 700,000 for both together.
    const both = (extra: number) => [request(hunt!, 200_000 + 400_000 + extra), request(snapback!, 100_000 + 300_000)]
    expect(other.reservations.reserveAll(both(1), 0b001)).toEqual({ ok: false, refusal: 'NO_CAPITAL', index: 1 })
    expect(other.reservations.reserveAll(both(0), 0b001)).toMatchObject({ ok: true })
    expect(one.reservations.reserve(request(cascade!, 2))).toMatchObject({ refusal: 'NO_CAPITAL' })
    expect(one.reservations.reserve(request(cascade!, 1))).toMatchObject({ ok: true })
  })

  it('reservation: large capitals are exact in budgets and sums', () => {
    const { one, other } = pair()
    const capitalMinor = Number.MAX_SAFE_INTEGER
    one.reservations.setLimits({
      ...limits,
      capitalMinor,
      interlock: null,
      pots: { sharesPpm: [333_333], ofType: [0, 0, 0, 0] },
    })
    const budget = Number((BigInt(capitalMinor) * 333_333n) / 1_000_000n)
    expect(other.reservations.reserve(request(registered(one, 'a', 0, 0), budget + 1))).toMatchObject({ ok: false })
    expect(other.reservations.reserve(request(registered(one, 'b', 0, 1), budget))).toMatchObject({ ok: true })
    expect(one.reservations.positions()[0]!.capitalMinor).toBe(budget)
  })

  it('reservation: lowering the capital leaves positions and refuses further ones', () => {
    const { one, other } = pair()
    one.reservations.reserve(request(registered(one, 'a', 0, 0), 900_000))
    one.reservations.setLimits({ ...limits, capitalMinor: 500_000 })
    expect(other.reservations.positions()).toHaveLength(1)
    expect(other.reservations.reserve(request(registered(one, 'b', 0, 1), 1))).toMatchObject({ refusal: 'NO_CAPITAL' })
    expect(() => one.reservations.setLimits({ ...limits, maxOpenPositions: 9 })).toThrow(SignalboxError)
  })

  it('participants: what a dead participant held is freed by whoever confirms its death', () => {
    const { one, other } = pair()
    const writer = other.claimWriter(hot)
    writer.publish()
    const handle = registered(other, 'kept')
    other.reservations.reserve(request(handle, 1_000, 1e12))
    // As if the other thread were gone: same owner tag, a participant that is not ours.
    expect(one.freeOwner(1)).toBe(1)
    expect(one.claimWriter(hot).publish()).toBe(2)
    expect(one.reservations.positions()).toEqual([])
    expect(one.events.get(handle)).toBe(true)
    expect(one.reservations.reserve(request(handle))).toMatchObject({ ok: true })
    expect(one.freeOwner(1)).toBe(0)
  })

  it('participants: what an attachment had RESERVED when it closed is free again, what it SUBMITTED stays', () => {
    const { one, other } = pair()
    one.reservations.setLimits({
      ...limits,
      maxOpenPositions: 2,
      maxPositionsPerSymbol: 2,
      interlock: null,
      pots: null,
    })
    const third = Region.attach(one.descriptor, { backend: otherBackend })
    const [submitted, reserved] = [registered(one, 'submitted'), registered(one, 'reserved')]
    third.reservations.reserve(request(submitted, 1_000, 1e12))
    third.reservations.submit(1)
    third.reservations.reserve(request(reserved, 1_000, 1e12))
    third.close()
    expect(other.reservations.positions().map(({ handle }) => handle)).toEqual([submitted])
    // Its number is the next one's, which owns nothing of it.
    const next = Region.attach(one.descriptor, { backend: oneBackend })
    open.push(next)
    expect(next.participant).toBe(third.participant)
    expect(next.reservations.reserve(request(reserved))).toEqual({ ok: true, token: 3 })
  })

  it('region: bytes that others cannot share, and owners that are none, are refused', () => {
    const { one } = pair()
    const copy = one.descriptor.bytes.slice(0)
    const own = new Uint8Array(copy.byteLength)
    own.set(new Uint8Array(copy))
    const unshared = { ...one.descriptor, bytes: own.buffer as unknown as SharedArrayBuffer }
    const invalid = expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' })
    expect(() => Region.attach(unshared, { backend: otherBackend })).toThrow(invalid)
    for (const tag of [0, -1, 1.5, Number.NaN]) expect(() => one.freeOwner(tag)).toThrow(invalid)
    expect(() => one.watchWorker({ threadId: -1 } as Worker)).toThrow(invalid)
  })

  it('participants: whoever frees a dead freer finishes what it left half freed', () => {
    const { one, other } = pair()
    const victim = Region.attach(one.descriptor, { backend: oneBackend })
    open.push(victim)
    victim.claimWriter(hot)
    victim.reservations.reserve(request(registered(victim, 'kept'), 1_000, 1e12))
    // As a freer leaves it that ends just behind its first step.
    const words = new BigUint64Array(one.descriptor.bytes)
    const ownerOf = (participant: number) => layout.headerWords + participant * layout.participantWords
    words[ownerOf(victim.participant)] =
      (1n << BigInt(layout.participantFreeingShift)) |
      (BigInt(other.participant) << BigInt(layout.participantFreerShift)) |
      1n
    expect(() => one.claimWriter(hot)).toThrow(SignalboxError)
    expect(one.freeOwner(1)).toBe(1)
    expect([victim, other].map(({ participant }) => words[ownerOf(participant)])).toEqual([0n, 0n])
    expect(one.claimWriter(hot).publish()).toBe(1)
    expect(one.reservations.positions()).toEqual([])
  })

  it('registry: an event whose type is none, in bytes that somebody spoilt, is no event', () => {
    const { one, other } = pair()
    const handle = registered(one, 'spoilt')
    const words = new BigUint64Array(one.descriptor.bytes)
    const typeBit = 1n << BigInt(layout.metaTypeShift)
    const meta = words.findIndex((word) => Number(word & 0xffffffffn) === hashOf('spoilt') && word >> 56n === 6n)
    words[meta] = words[meta]! | (typeBit * 255n)
    for (const region of [one, other]) {
      expect(region.events.get(handle)).toBe(false)
      expect(region.events.getById('spoilt')).toBe(false)
      expect(region.events.scan(-1, () => undefined)).toBe(0)
      expect(region.reservations.reserve(request(handle))).toMatchObject({ refusal: 'EVENT_CLAIMED' })
    }
    expect(other.events.retire(handle)).toBe(true)
    expect(other.events.register('spoilt', 3, 0)).toMatchObject({ ok: true })
  })
})
