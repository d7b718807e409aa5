/** Time and chance come in through base alone; each way around it is shown to be found. */
import { describe, expect, test } from 'vitest'
import { determinismFaults, nativeDeterminismFaults } from './determinism-rules.ts'
import { filesOf } from './repository.ts'

const path = 'src/decide/planted.ts'

describe('determinism', () => {
  test('determinism: no file of src but base/clock.ts and base/random.ts reads a clock or draws a number', () => {
    const sources = filesOf(['src'], ['.ts'])
    expect(sources.size).toBeGreaterThan(50)
    expect(determinismFaults(sources)).toEqual([])
  })

  test.each([
    'const now = Date.now()',
    'const { now } = Date',
    'const day = new Date()',
    'const day = Date()',
    'const later = performance.now()',
    'const later = globalThis.performance.now()',
    `import { performance as p } from 'node:perf_hooks'`,
    'const later = process.hrtime.bigint()',
    `import { hrtime } from 'node:process'`,
    'const later = process.uptime()',
    'const drawn = Math.random()',
    'const { random } = Math',
    `import { randomUUID } from 'node:crypto'`,
    'const drawn = crypto.getRandomValues(new Uint8Array(8))',
  ])('determinism: a planted "%s" is found', (text) => {
    expect(determinismFaults(new Map([[path, `const one = 1\n${text}`]]))).toEqual([
      expect.stringContaining(`${path}:2: reads a`),
    ])
  })

  test('determinism: the clock draws no numbers and the random source reads no clock', () => {
    const swapped = new Map([
      ['src/base/clock.ts', 'Math.random()'],
      ['src/base/random.ts', 'Date.now()'],
    ])
    expect(determinismFaults(swapped)).toHaveLength(2)
  })

  test('determinism: conversions, timers, comments and names of fields are no faults', () => {
    const text = `
      // Date.now() and Math.random() are forbidden here.
      const day = new Date(0).toISOString() + Date.UTC(2026, 5) + Math.sqrt(2) + 'Date.now()'
      interface Report { performance: number; at: Date }
      const report = { performance: 1 }
      setTimeout(() => report.performance, 1)`
    expect(determinismFaults(new Map([[path, text]]))).toEqual([])
  })

  test('determinism: native/** reads no clock and draws no number', () => {
    expect(nativeDeterminismFaults(filesOf(['native'], ['.hpp', '.cpp', '.h']))).toEqual([])
  })

  test.each([
    'auto now = std::chrono::steady_clock::now();',
    'clock_gettime(CLOCK_MONOTONIC, &now);',
    'return rand();',
  ])('determinism: in native a planted "%s" is found', (line) => {
    expect(nativeDeterminismFaults(new Map([['native/sync/planted.hpp', line]]))).toHaveLength(1)
  })
})
