/** A map of integers is a `Map`, whatever was set and deleted before, and it allocates only to grow. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IntegerMap } from '../../../src/base/integer-map.ts'

const seed = 20_261_126

/** Few keys, so that they collide and come again; and the widest ones. */
const keys = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 40 }) },
  { weight: 2, arbitrary: fc.nat({ max: 40 }).map((index) => index * 4_096 * 2 ** 20) },
  { weight: 1, arbitrary: fc.maxSafeNat() },
  { weight: 1, arbitrary: fc.constantFrom(0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1) },
)
const steps = fc.array(
  fc.record({ call: fc.constantFrom('set', 'set', 'delete', 'delete', 'clear' as const), key: keys, value: fc.nat() }),
  { maxLength: 400 },
)

/** @throws what is wrong. */
function checkAgainstMap(make: () => IntegerMap<number>): void {
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 9 }), (all, rare) => {
      const map = make()
      const model = new Map<number, number>()
      for (const [index, { call, key, value }] of all.entries()) {
        if (call === 'set') {
          map.set(key, value)
          model.set(key, value)
        } else if (call === 'delete') expect(map.delete(key)).toBe(model.delete(key))
        // Seldom: else there is never much in it.
        else if (index % 97 === rare) {
          map.clear()
          model.clear()
        }
        expect(map.size).toBe(model.size)
        expect(map.get(key)).toBe(model.get(key))
        expect(map.has(key)).toBe(model.has(key))
      }
      for (const [key, value] of model) expect(map.get(key)).toBe(value)
      const visited: [number, number][] = []
      map.visit((value, key) => {
        visited.push([key, value])
      })
      const inOrder = (entries: Iterable<[number, number]>) => [...entries].sort(([one], [other]) => one - other)
      expect(inOrder(visited)).toEqual(inOrder(model))
      expect(map.keys().sort((one, other) => one - other)).toEqual(inOrder(model).map(([key]) => key))
    }),
    { seed, numRuns: 500, endOnFailure: true },
  )
}

describe('integer map', () => {
  test('integer map: set, delete and clear in any order leave what they leave in a Map', () => {
    checkAgainstMap(() => new IntegerMap())
  })

  test('integer map: canary: one whose deletion leaves its gap open is found', () => {
    /** Forgets what was looked for across a gap. */
    class Leaky extends IntegerMap<number> {
      override delete(key: number): boolean {
        const later = this.keys().filter((other) => other !== key && other % 16 === key % 16)
        const isThere = super.delete(key)
        if (isThere && later.length > 0) super.delete(later.at(-1)!)
        return isThere
      }
    }
    expect(() => checkAgainstMap(() => new Leaky())).toThrow()
  })

  test('integer map: after much has come and gone it is small again, and right on the way', () => {
    const map = new IntegerMap<number>()
    const many = 20_000
    for (let round = 0; round < 2; round += 1) {
      for (let key = 0; key < many; key += 1) map.set(7 * key, key)
      let wrong = 0
      for (let key = 0; key < many; key += 1) {
        if (!map.delete(7 * key) || (key % 97 === 0 && map.keys().length !== many - key - 1)) wrong += 1
        if (key < many - 1 && map.get(7 * (many - 1)) !== many - 1) wrong += 1
      }
      expect([wrong, map.size]).toEqual([0, 0])
    }
  })

  test('integer map: a window of handles that moves on for a long time stays as large as its window', () => {
    const map = new IntegerMap<number>()
    let deleted = 0
    const handleOf = (index: number): number => (index % 64) + 4_096 * index
    for (let index = 0; index < 200_000; index += 1) {
      map.set(handleOf(index), index)
      if (index >= 50 && map.delete(handleOf(index - 50))) deleted += 1
    }
    expect(deleted).toBe(199_950)
    expect(map.size).toBe(50)
    expect(map.keys().sort((one, other) => one - other)).toEqual(
      Array.from({ length: 50 }, (_, index) => handleOf(199_950 + index)),
    )
  })
})
