/** The canaries of the long tests: memory that grows is found, however the collector saws at it. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/base/random.ts'
import { memoryFault, memorySamplesMin, memoryTrendOf } from '../../support/memory-trend.ts'

const mib = 2 ** 20
/** An hour, a sample each 5 s. */
const count = 720
const seeds = [1, 2, 3, 4, 5]

/** 120 MiB after a begin that settles, with a collector's teeth of 20 MiB and noise of 4 MiB; and a leak of so much an hour. */
function series(seed: number, leakMib: number): number[] {
  const random = new Random(seed)
  const tooth = random.integer(5, 60)
  return Array.from({ length: count }, (_, at) => {
    const settling = -40 * Math.exp(-at / 20)
    const leak = (leakMib * at) / count
    return (120 + settling + (20 * (at % tooth)) / tooth + 4 * random.fraction() + leak) * mib
  })
}

const faultOf = (samples: readonly number[]): string | null =>
  memoryFault('memory', memoryTrendOf(samples, 0.25), 32 * mib)

describe('memory trend', () => {
  it.each(seeds)('memory trend: a sawtooth that stays where it is is flat: seed %i', (seed) => {
    expect(faultOf(series(seed, 0))).toBe(null)
  })

  it.each(seeds)('memory trend: the same with a leak of 60 MiB an hour is not: seed %i', (seed) => {
    expect(faultOf(series(seed, 60))).toMatch(/^memory grows: rise \d\d\.\d\d MiB/)
  })

  it('memory trend: one step up late is found, which no median of slopes need see', () => {
    const stepped = series(1, 0).map((bytes, at) => bytes + (at > count * 0.7 ? 40 * mib : 0))
    expect(faultOf(stepped)).toContain('shift')
  })

  it('memory trend: memory that falls is flat', () => {
    expect(faultOf(series(1, -100))).toBe(null)
  })

  it('memory trend: too few samples are refused', () => {
    expect(() => memoryTrendOf(series(1, 0).slice(0, memorySamplesMin - 1), 0.25)).toThrow('11 samples')
  })
})
