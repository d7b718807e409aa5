import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TidWindow, tidWindowSize } from '../../../../../src/stages/feed/hyperliquid/tid-window.ts'

describe('tid window', () => {
  test('tid window: it refuses exactly the ids that are among the last N remembered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 100 }),
        (size, tids) => {
          const window = new TidWindow(size)
          const oracle: number[] = []
          for (const tid of tids) {
            const isNew = !oracle.slice(-size).includes(tid)
            expect(window.add(tid)).toBe(isNew)
            if (isNew) oracle.push(tid)
            expect(window.count).toBe(Math.min(size, oracle.length))
          }
        },
      ),
      { seed: 5, numRuns: 500 },
    )
  })

  test('tid window: a million trades leave no more than the window behind', () => {
    const window = new TidWindow()
    for (let tid = 0; tid < 1_000_000; tid += 1) window.add(tid * 4_096 + 917_211_710_228_416)
    expect(window.count).toBe(tidWindowSize)
  })
})
