/** The benches' table for people: it fits 120 columns and says what each row must. */
import { expect, test } from 'vitest'
import type { Row } from '../../../bench/statistics.mjs'
import { tableOf } from '../../../bench/table.mjs'

const environment = {
  cpu: 'Intel(R) Xeon(R) Platinum 8488C CPU @ 2.40GHz',
  cores: 2,
  node: '20.20.2',
  os: 'Linux 6.1.0 x64',
  compiler: 'gcc 12.2.0',
  commit: '0123456789ab with changes',
  date: '2026-06-17T18:00:00.000Z',
}

const wide: Row = {
  suite: 'replay',
  name: 'trade and context records: whole to half',
  unit: 'ns',
  p50: 999_999,
  p99: 88_888_888,
  p999: 1,
  max: 777_777_777,
  throughput_per_s: 12_345_678,
  floor: { name: 'a record of its first half', value: 1_234.5 },
  ratio: 1.2345,
  must: 'p50 ≤ 12 µs, p99 ≤ 4 × p50',
  holds: false,
  samples: 10,
  runs: 5,
  spread: { of: 'p50', min: 111_111, max: 999_999_999 },
}

test('bench table: every line fits 120 columns, and names suite, bar and floor', () => {
  const bare: Row = {
    ...wide,
    suite: 'arbiter',
    name: 'bytes',
    unit: 'B',
    p99: null,
    max: null,
    throughput_per_s: null,
    floor: null,
    ratio: null,
    must: null,
    holds: null,
  }
  const lines = tableOf(environment, [wide, bare]).split('\n')
  expect(lines.filter((line) => [...line].length > 120)).toEqual([])
  const text = lines.join('\n')
  for (const said of [
    'gcc 12.2.0',
    'must p50 ≤ 12 µs',
    'floor: a record of its first half',
    '1.23 ×',
    '12.3 M',
    'NO',
    'arbiter',
  ]) {
    expect(text).toContain(said)
  }
})
