/**
 * Bytes of a region that somebody spoilt, on both backends: whatever they say, every call ends, with an answer or with an error of ours,
 * and hands out no more than there is. The same of the C++ core by itself is in native/test/spoilt_test.cpp.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { entryWords, eventBucketsOffset, eventEntriesOffset, layout } from '../../src/region/layout.ts'
import { Region } from '../../src/region/region.ts'
import type { RegionSchema } from '../../src/region/schema.ts'

const hot = { name: 'hot', head: ['version'], fields: ['last', 'mark'], rows: ['BTC', 'ETH'] } as const
const schema = {
  snapshots: [hot],
  events: { types: ['CASCADE', 'HUNT'], fields: ['score', 'detectedAtNs'], capacity: 64 },
  positionsMax: 4,
  participantsMax: 8,
} satisfies RegionSchema
const limits = {
  capitalMinor: 1_000,
  maxOpenPositions: 4,
  maxPositionsPerSymbol: 4,
  interlock: null,
  pots: null,
}

describe.each(['native', 'js'] as const)('spoilt bytes on %s', (backend) => {
  const open: Region[] = []
  function made(): { region: Region; words: BigUint64Array } {
    const region = Region.create(schema, { backend })
    region.reservations.setLimits(limits)
    open.push(region)
    return { region, words: new BigUint64Array(region.descriptor.bytes) }
  }
  afterEach(() => {
    for (const region of open.splice(0)) region.close()
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
})
