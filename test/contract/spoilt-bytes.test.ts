/**
 * Bytes of a region that somebody spoilt, on both backends: whatever they say, every call ends, with an answer or with an error of ours,
 * and hands out no more than there is. The same of the C++ core by itself is in native/test/spoilt_test.cpp.
 */
import { describe, expect, it } from 'vitest'
import { SignalboxError } from '../../src/base/errors.ts'
import { Random } from '../../src/base/random.ts'
import {
  blockSlotsOffset,
  blockWords,
  entryWords,
  eventBucketsOffset,
  eventEntriesOffset,
  layout,
} from '../../src/region/layout.ts'
import { Region } from '../../src/region/region.ts'
import { hot, limits, regionsOn, schema } from '../support/small-region.ts'

describe.each(['native', 'js'] as const)('spoilt bytes on %s', (backend) => {
  const { made: madeOnce, open } = regionsOn(backend)
  function made(): { region: Region; words: BigUint64Array } {
    const region = madeOnce()
    return { region, words: new BigUint64Array(region.descriptor.bytes) }
  }

  it('spoilt: a header that lies about any size or place is refused, and no participant is taken', () => {
    const { region, words } = made()
    const places = ['ParticipantsMax', 'ParticipantsOffset', 'RingCount', 'EventsOffset', 'EventCapacity'] as const
    const sizes = ['BucketCount', 'RecordWords', 'TypeCount', 'LedgerOffset', 'SlotsMax', 'TotalBytes'] as const
    const histograms = ['HistogramsOffset', 'HistogramCount'] as const
    const named = [...places, ...sizes, ...histograms].map((name) => layout[`header${name}`])
    const lies = [2n ** 63n - 8n, 2n ** 64n - 1n, 2n ** 20n + 1n, 2n ** 53n]
    for (const at of [...named, layout.headerRings, layout.headerRings + 1, layout.headerRings + 2]) {
      const told = words[at]!
      for (const lie of lies) {
        words[at] = lie
        const attach = (): Region => Region.attach(region.descriptor, { backend })
        expect(attach).toThrow(expect.objectContaining({ name: 'SignalboxError', code: 'ERR_FOREIGN_REGION' }))
      }
      words[at] = told
    }
    for (let participant = 1; participant < schema.participantsMax; participant += 1) {
      expect(words[ownerAt(participant)]).toBe(0n)
    }
    open.push(Region.attach(region.descriptor, { backend }))
  })

  const ownerAt = (participant: number): number =>
    layout.headerWords + participant * layout.participantWords + layout.participantOwner
  const freeing = (freer: number, tag: bigint): bigint =>
    (1n << BigInt(layout.participantFreeingShift)) | (BigInt(freer) << BigInt(layout.participantFreerShift)) | tag

  it('spoilt: owner words that name the freer, the freed or each other are taken apart once each', () => {
    const { region, words } = made()
    const own = freeing(1, 1n)
    words[ownerAt(0)] = own
    words[ownerAt(1)] = 77n
    words[ownerAt(2)] = freeing(1, 3n)
    words[ownerAt(3)] = freeing(2, 4n)
    words[ownerAt(4)] = freeing(4, 5n)
    expect(region.freeOwner(77)).toBe(1)
    expect([0, 1, 2, 3, 4].map((participant) => words[ownerAt(participant)])).toEqual([own, 0n, 0n, 0n, freeing(4, 5n)])
    expect(region.events.register('goes on', 0, 0)).toMatchObject({ ok: true })
  })

  const eventsAt = (words: BigUint64Array): number => Number(words[layout.headerEventsOffset]!)
  const bucketsAt = (words: BigUint64Array): number => eventsAt(words) + eventBucketsOffset(64, 2)
  const entryAt = (words: BigUint64Array, index: number): number =>
    eventsAt(words) + eventEntriesOffset(64, 2, 128) + index * entryWords(2)
  const spoilt = expect.objectContaining({
    name: 'SignalboxError',
    code: 'ERR_INVARIANT',
    message: expect.stringContaining("REG-1: the region's bytes are spoilt"),
  })

  it.each([
    ['leads to no entry', 0xffffffn],
    ['leads to the entry itself', 1n],
    ['is marked and leads to the entry itself', (1n << BigInt(layout.linkMarkShift)) | 1n],
  ])('spoilt: a link that %s ends every call about the chain with ERR_INVARIANT', (_, link) => {
    const { region, words } = made()
    const { events } = region
    const live = events.register('live', 0, 0)
    if (!live.ok) throw new Error(live.refusal)
    words[entryAt(words, 0) + layout.entryNext] = link
    words.fill(1n, bucketsAt(words), bucketsAt(words) + 128)
    expect(() => events.register('new', 0, 0)).toThrow(spoilt)
    expect(() => events.getById('new')).toThrow(spoilt)
    expect(events.get(live.handle)).toBe(true)
    expect(events.scan(-1, () => undefined)).toBe(1)
    expect(() => events.retire(live.handle)).toThrow(spoilt)
    expect(events.get(live.handle)).toBe(false)
    // A dead one's half-done register in such a chain is nobody's to judge: it stays, and the rest of the dead one is freed.
    const pending = (1n << BigInt(layout.stateGenerationShift)) | (1n << BigInt(layout.stateOwnerShift)) | (4n << 4n)
    words[entryAt(words, 5) + layout.entryState] = pending
    words[ownerAt(1)] = 77n
    expect(region.freeOwner(77)).toBe(1)
    expect(words[entryAt(words, 5) + layout.entryState]).toBe(pending)
  })

  it('spoilt: a register that meets a spoilt chain loses no entry', () => {
    const { region, words } = made()
    words.fill(0xffffffn, bucketsAt(words), bucketsAt(words) + 128)
    for (let round = 0; round < 200; round += 1) expect(() => region.events.register('x', 0, 0)).toThrow(spoilt)
    words.fill(0n, bucketsAt(words), bucketsAt(words) + 128)
    for (let index = 0; index < 64; index += 1) {
      expect(region.events.register(`all ${index}`, 0, 0)).toMatchObject({ ok: true })
    }
  })

  it('spoilt: a state word that no generation has is no live event, and no call about it runs for ever', () => {
    const { region, words } = made()
    const { events } = region
    const live = events.register('x', 0, 0)
    if (!live.ok) throw new Error(live.refusal)
    for (const phase of [
      layout.phaseFree,
      layout.phaseWriting,
      layout.phaseLive,
      layout.phaseRetired,
      layout.phasePending,
    ]) {
      words[entryAt(words, 0) + layout.entryState] = (1n << 56n) | BigInt(phase << layout.statePhaseShift) | 1n
      expect(events.get(live.handle)).toBe(false)
      expect(events.transition(live.handle, 1)).toEqual({ ok: false, refusal: 'GONE' })
      expect(events.retire(live.handle)).toBe(false)
      events.getById('x')
      events.scan(-1, () => undefined)
      events.register('x', 0, 0)
      words[ownerAt(1)] = 77n
      expect(region.freeOwner(77)).toBe(1)
    }
  })

  /** The words of the block that the ledger's root names. */
  function blockOf(words: BigUint64Array): number {
    const ledger = Number(words[layout.headerLedgerOffset]!)
    const named = Number(words[ledger]! & ((1n << BigInt(layout.rootBlockBits)) - 1n))
    return ledger + layout.ledgerBlocks + named * blockWords(2, 4)
  }

  it.each([
    ['capital', layout.blockCapital, [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]],
    ['amount', blockSlotsOffset(2) + layout.slotCapital, [2n ** 53n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]],
  ] as const)('spoilt: a ledger whose %s is none admits nothing, with pots and without', (_, at, values) => {
    for (const pots of [null, { sharesPpm: [1_000_000], ofType: [0, 0] }]) {
      for (const value of values) {
        const { region, words } = made()
        const { events, reservations } = region
        reservations.setLimits({ ...limits, pots })
        const [first, second] = ['first', 'second'].map((id) => events.register(id, 0, 0))
        if (!first!.ok || !second!.ok) throw new Error('full')
        const held = reservations.reserve({ handle: first.handle, capitalMinor: 1, leaseUntilNs: 1 })
        if (!held.ok) throw new Error(held.refusal)
        words[blockOf(words) + at] = BigInt.asUintN(64, value)
        const other = Region.attach(region.descriptor, { backend })
        open.push(other)
        const request = { handle: second.handle, capitalMinor: 1, leaseUntilNs: 1 }
        expect(other.reservations.reserve(request)).toEqual({ ok: false, refusal: 'NO_CAPITAL' })
        expect(other.reservations.release(held.token)).toEqual({ ok: true })
        other.reservations.setLimits({ ...limits, pots })
        expect(other.reservations.reserve(request)).toMatchObject({ ok: true })
      }
    }
  })

  it('spoilt: whatever words stand in the region, every call ends and closing gives the participant back', () => {
    const seed = Number(process.env.SIGNALBOX_SEED ?? 20_260_617)
    const random = new Random(seed)
    const below = (count: number): number => random.uint32() % count
    const word = (): bigint => (BigInt(random.uint32()) << 32n) | BigInt(random.uint32())
    const odd = [
      () => 0n,
      () => 2n ** 64n - 1n,
      word,
      () => 1n << BigInt(below(64)),
      () => BigInt(below(66)) | (BigInt(below(2)) << BigInt(layout.linkMarkShift)),
      () => BigInt(below(4) * 2 ** layout.stateGenerationShift + below(3) * 256 + below(6) * 16),
    ]
    const draw = (): bigint => odd[below(odd.length)]!()
    const first = layout.headerWords + schema.participantsMax * layout.participantWords
    const tried = (call: () => unknown): void => {
      try {
        call()
      } catch (thrown) {
        expect(thrown, `SIGNALBOX_SEED=${seed}`).toBeInstanceOf(SignalboxError)
      }
    }
    for (let round = 0; round < 40; round += 1) {
      const { region, words } = made()
      const { events, reservations } = region
      const writer = region.claimWriter(hot)
      const reader = region.reader(hot)
      for (let step = 0; step < 40; step += 1) {
        for (let more = 0; more < 20; more += 1) words[first + below(words.length - first)] = draw()
        words[bucketsAt(words) + below(128)] = draw()
        words[entryAt(words, below(64)) + layout.entryNext] = draw()
        words[Number(words[layout.headerLedgerOffset]!) + below(60)] = draw()
        const handle = below(4) * 2 ** 16 + below(64)
        const request = { handle, capitalMinor: 1 + below(9), leaseUntilNs: below(9) }
        tried(() => events.register(`event ${below(4)}`, below(2), below(3)))
        tried(() => events.getById(`event ${below(4)}`))
        tried(() => events.get(handle))
        tried(() => events.idOf(handle))
        tried(() => events.transition(handle, below(8)))
        tried(() => events.retire(handle))
        tried(() => events.scan(below(3) - 1, () => undefined))
        tried(() => reservations.reserveAll([request, { ...request, handle: below(64) }].slice(below(2))))
        tried(() => reservations.submit(below(4)))
        tried(() => reservations.release(below(4), true, below(9) - 4))
        tried(() => reservations.recover(below(9)))
        tried(() => reservations.account())
        tried(() => writer.publish())
        tried(() => reader.read())
        words[ownerAt(1)] = 77n
        expect(region.freeOwner(77)).toBe(1)
      }
      region.close()
      expect(words[ownerAt(0)]).toBe(0n)
    }
  })
})
