/** A region's histograms: the same memory on both backends and for every attachment, found by name. */
import { afterEach, describe, expect, it } from 'vitest'
import { Histogram, histogramLayout } from '../../src/base/histogram.ts'
import { layout } from '../../src/region/layout.ts'
import { Region } from '../../src/region/region.ts'
import type { RegionSchema } from '../../src/region/schema.ts'

const schema = {
  snapshots: [],
  events: { types: ['CASCADE'], fields: ['score'], capacity: 64 },
  positionsMax: 4,
  participantsMax: 4,
  histograms: ['state', 'detection', 'order'],
} satisfies RegionSchema

const open: Region[] = []
afterEach(() => {
  for (const region of open.splice(0)) region.close()
})
function kept<Kept extends Region>(region: Kept): Kept {
  open.push(region)
  return region
}

describe.each([
  ['native', 'native'],
  ['js', 'js'],
  ['native', 'js'],
  ['js', 'native'],
] as const)('histograms: %s beside %s', (oneBackend, otherBackend) => {
  function pair(): { one: Region; other: Region } {
    const one = kept(Region.create(schema, { backend: oneBackend }) as Region)
    return { one, other: kept(Region.attach(one.descriptor, { backend: otherBackend })) }
  }

  it('histograms: what one attachment records another reads, each name by itself', () => {
    const { one, other } = pair()
    for (let value = 1; value <= 100; value += 1) one.histogram('detection').record(value * 1_000)
    other.histogram('order').record(7)
    const read = other.histogram('detection')
    expect([read.count, read.max, read.percentile(1)]).toEqual([100, 100_000, 100_000])
    expect(read.percentile(0.5)).toBeGreaterThanOrEqual(50_000)
    expect(read.percentile(0.5)).toBeLessThanOrEqual(50_800)
    expect([one.histogram('order').count, one.histogram('order').max]).toEqual([1, 7])
    expect([other.histogram('state').count, other.histogram('state').percentile(0.99)]).toEqual([0, 0])
  })

  it('histograms: the writer’s place may pass to another attachment, which goes on with the counts', () => {
    const { one, other } = pair()
    one.histogram('state').record(10)
    one.close()
    other.histogram('state').record(20)
    expect([other.histogram('state').count, other.histogram('state').max]).toEqual([2, 20])
  })

  it('histograms: a name that is none is refused and the nearest told; after close none is handed out', () => {
    const { one, other } = pair()
    const refused = (name: unknown) => () => one.histogram(name as never)
    expect(refused('detectoin')).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARGUMENT',
        field: 'name',
        message: 'name is no histogram of the region, got "detectoin"; detection is one',
      }),
    )
    for (const name of ['', 'toString', undefined, 7, null]) {
      expect(refused(name)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    }
    const histogram = other.histogram('order')
    expect(other.histogram('order')).toBe(histogram)
    other.close()
    expect(() => other.histogram('order')).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    // What was handed out is memory: it is read on, e.g. for the summary of a run that has ended.
    one.histogram('order').record(5)
    expect(histogram.count).toBe(1)
  })

  it('histograms: recording touches no word but its own histogram’s', () => {
    const { one } = pair()
    const words = new BigUint64Array(one.descriptor.bytes)
    const at = Number(words[layout.headerHistogramsOffset]) + layout.histogramWords
    const before = words.slice()
    for (const value of [-1, 0, 63, 64, 2 ** 31, 2 ** 47, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY]) {
      one.histogram('detection').record(value)
    }
    const touched = [...words.keys()].filter((index) => words[index] !== before[index])
    expect(touched.length).toBeGreaterThan(5)
    expect(touched.every((index) => index >= at && index < at + layout.histogramWords)).toBe(true)
  })

  it('histograms: whatever words stand in them, a look at them ends, and recording stays within them', () => {
    const { one, other } = pair()
    const words = new BigUint64Array(one.descriptor.bytes)
    const at = Number(words[layout.headerHistogramsOffset])
    for (const odd of [2n ** 64n - 1n, 1n, 0x7ff0000000000000n, 0xfff0000000000000n, 0xc340000000000000n]) {
      words.fill(odd, at, at + layout.histogramWords)
      const before = words.slice(0, at)
      one.histogram('state').record(1_000)
      for (const fraction of [0, 0.5, 1]) expect(typeof other.histogram('state').percentile(fraction)).toBe('number')
      expect(words.slice(0, at)).toEqual(before)
    }
  })
})

describe.each(['native', 'js'] as const)('histograms of a schema on %s', (backend) => {
  const created = (histograms: unknown) => () => kept(Region.create({ ...schema, histograms } as never, { backend }))

  it('histograms: none, 64 and nothing in between is refused; more, a name twice and what is no list are', () => {
    const names = Array.from({ length: 65 }, (_, index) => `h${index}`)
    const invalid = (message: string) => expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', message })
    expect(created(names)).toThrow(invalid('histograms.length must be an integer in 0 … 64, got 65'))
    expect(created(['a', 'b', 'a'])).toThrow(invalid('histograms names a twice'))
    expect(created('state')).toThrow(invalid('histograms must be an array, got "state"'))
    expect(created([7])).toThrow(invalid('histograms[0] must be a string, got 7'))
    const most = created(names.slice(1))()
    most.histogram('h64' as never).record(1)
    expect(most.histogram('h64' as never).count).toBe(1)
    expect(created([])).not.toThrow()
  })

  it('histograms: they are part of the schema: absent is none, and others are told by number or by name', () => {
    const { histograms: _, ...bare } = schema
    const none = kept(Region.create(bare, { backend }) as Region)
    kept(Region.attach({ ...none.descriptor, schema: { ...bare, histograms: [] } }, { backend }))
    const attached = (other: RegionSchema) => () => Region.attach({ ...none.descriptor, schema: other }, { backend })
    expect(attached(schema)).toThrow(/another schema: the number of histograms is 0 there and 3 here$/)
    const some = kept(Region.create(schema, { backend }) as Region)
    const renamed = { ...schema, histograms: ['state', 'order', 'detection'] }
    expect(() => Region.attach({ ...some.descriptor, schema: renamed }, { backend })).toThrow(/names differ, or their/)
  })

  it('histograms: they lie behind everything else, each on a line of its own', () => {
    const region = kept(Region.create(schema, { backend }))
    const words = new BigUint64Array(region.descriptor.bytes)
    const at = Number(words[layout.headerHistogramsOffset])
    expect([at % 8, layout.histogramWords % 8, words.length - at]).toEqual([0, 0, 3 * layout.histogramWords])
    expect(Number(words[layout.headerHistogramCount])).toBe(3)
  })
})

it('histograms: a view of another length is refused', () => {
  for (const words of [new Float64Array(8), new Float64Array(histogramLayout.words + 1), [] as never]) {
    expect(() => new Histogram(words)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
  }
})
