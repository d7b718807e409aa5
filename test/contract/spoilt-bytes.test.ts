/**
 * Bytes of a region that somebody spoilt, on both backends: whatever they say, every call ends, with an answer or with an error of ours,
 * and hands out no more than there is. The same of the C++ core by itself is in native/test/spoilt_test.cpp.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { layout } from '../../src/region/layout.ts'
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
})
