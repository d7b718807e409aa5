import { describe, expect, it } from 'vitest'
import { latencyNotes, latencyTable } from '../../../../src/cli/terminal/latency-table.ts'
import type { StageLatency } from '../../../../src/summary.ts'

const latencyOf = (count: number, p50_ns: number): StageLatency => ({
  ...{ count, p50_ns },
  p99_ns: 10 * p50_ns,
  max_ns: 100 * p50_ns,
})
const latency = {
  state: latencyOf(16_000, 412),
  detection: latencyOf(16_000, 830),
  registry: latencyOf(3, 99_300),
  arbitration: latencyOf(16_003, 1_010),
  reservation: latencyOf(3, 213_000),
  order: latencyOf(6, 203_000),
  record: latencyOf(16_000, 1_220),
  decision: latencyOf(0, 0),
}

describe('latency table', () => {
  it('has a row for each that was measured, beside what the specification’s steps come to by then', () => {
    expect(latencyTable({ latency }, 64)).toEqual([
      '                measured      p50      p99      max  specified',
      'state             16,000   412 ns  4.12 µs  41.2 µs',
      'detection         16,000   830 ns  8.30 µs  83.0 µs     100 µs',
      'registry               3  99.3 µs   993 µs  9.93 ms',
      'arbitration       16,003  1.01 µs  10.1 µs   101 µs     150 µs',
      'reservation            3   213 µs  2.13 ms  21.3 ms     160 µs',
      'order                  6   203 µs  2.03 ms  20.3 ms     660 µs',
      'all at rest       16,000  1.22 µs  12.2 µs   122 µs',
      'one decision           0        –        –        –',
    ])
  })

  it('gives up its least columns one by one where it is too wide, and is never wider than it may be', () => {
    const heads = (width: number): string[] => latencyTable({ latency }, width)[0]!.trim().split(/ +/)
    expect(heads(Number.POSITIVE_INFINITY)).toEqual(['measured', 'p50', 'p99', 'max', 'specified'])
    expect(heads(60)).toEqual(['p50', 'p99', 'max', 'specified'])
    expect(heads(49)).toEqual(['p50', 'p99', 'specified'])
    for (let width = 41; width < 80; width += 1) {
      for (const line of latencyTable({ latency }, width)) expect(line.length).toBeLessThanOrEqual(width)
    }
  })

  it('says since when each counts, how many records were measured, and what the specification’s figures add up', () => {
    const notes = latencyNotes({ latency, records: 256_007 })
    expect(notes[0]).toMatch(/^from the receipt of the record .*; 16,000 of 256,007 records measured$/)
    expect(notes.at(-1)).toMatch(
      /from the state’s update: detection 100, arbitration \+50, reservation \+10, order \+500 \(with the network/,
    )
    expect(latencyNotes({ latency: {}, records: 0 })[0]).toContain('; 0 of 0 records measured')
  })
})
