/** Canaries of the check of scans: histories made by hand, each with one broken promise beside what is allowed. */
import { describe, expect, it } from 'vitest'
import { type Call, findViolation } from '../support/linearizability.ts'
import { findScanViolation, rowsAsReads, type ScanRow, scansBesideChanges } from '../support/scan-intervals.ts'
import { registryModel } from '../support/sequential-models.ts'

const call = (begin: number, end: number, name: string, values: number[], result: unknown, thread = 0): Call => ({
  ...{ thread, begin, end, name, values, result },
})
const scan = (begin: number, end: number, rows: readonly ScanRow[], type = -1): Call =>
  call(begin, end, 'scan', [type], rows, 1)

/** Id 5, type 1, stamp 7: registered from 0 to 10. */
const handle = 65_536
const registered = call(0, 10, 'register', [5, 7, 1], [true, handle])
const row: ScanRow = [handle, 0, false, 1, 5, 7, -7]
const inState = (lifecycle: number): ScanRow => [handle, lifecycle, false, 1, 5, 7, -7]

describe('scan intervals: what the check allows and what it reports', () => {
  it('canary: a scan that misses an event that was live throughout it', () => {
    expect(findScanViolation([registered, scan(11, 20, [row])])).toBe(null)
    expect(findScanViolation([registered, scan(11, 20, [])])).toContain('left out the event 65536')
    expect(findScanViolation([registered, scan(11, 20, [], 1)])).toContain('left out the event 65536')
    expect(findScanViolation([registered, scan(11, 20, [], 2)])).toBe(null)
    expect(findScanViolation([registered, scan(9, 20, [])])).toBe(null)
    const retired = call(15, 30, 'retire', [5, handle], true)
    expect(findScanViolation([registered, retired, scan(11, 14, [])])).toContain('left out')
    expect(findScanViolation([registered, retired, scan(11, 20, [])])).toBe(null)
    const failed = call(12, 13, 'retire', [5, handle], false)
    expect(findScanViolation([registered, retired, failed, scan(11, 14, [])])).toContain('left out')
  })

  it('canary: a scan that misses what somebody had found while its register was still under way', () => {
    const slow = call(0, 100, 'register', [5, 7, 1], [true, handle])
    for (const found of [
      call(1, 5, 'getById', [5], [handle, 0, 7]),
      call(1, 5, 'get', [5, handle], [handle, 0, 7]),
      call(1, 5, 'register', [5, 8, 0], [false, handle]),
      call(1, 5, 'transition', [5, handle, 1], ['ok', 0]),
      call(1, 5, 'transition', [5, handle, 0], ['ILLEGAL', 0]),
      scan(1, 5, [row]),
    ]) {
      expect(findScanViolation([slow, found, scan(6, 9, [])])).toContain('left out the event 65536')
      expect(findScanViolation([slow, found, scan(5, 9, [])])).toBe(null)
    }
    for (const missed of [
      call(1, 5, 'getById', [5], null),
      call(1, 5, 'transition', [5, handle, 1], ['GONE']),
      call(1, 5, 'register', [6, 8, 0], [false, -1]),
      scan(1, 5, []),
    ])
      expect(findScanViolation([slow, missed, scan(6, 9, [])])).toBe(null)
  })

  it('canary: a scan that gives what was retired before it, not yet registered, or never', () => {
    const retired = call(11, 20, 'retire', [5, handle], true)
    expect(findScanViolation([registered, retired, scan(20, 30, [row])])).toBe(null)
    expect(findScanViolation([registered, retired, scan(21, 30, [row])])).toContain('after it was retired')
    expect(findScanViolation([registered, scan(-9, 0, [row])])).toBe(null)
    expect(findScanViolation([registered, scan(-9, -1, [row])])).toContain('before it was registered')
    const lost: ScanRow = [handle + 1, 0, false, 1, 5, 8, -8]
    const loser = call(5, 15, 'register', [5, 8, 1], [false, handle])
    expect(findScanViolation([registered, loser, scan(11, 20, [row, lost])])).toContain('which no register was given')
  })

  it('canary: a torn record, a record of another, another type or symbol, a handle twice', () => {
    const check = (...rows: ScanRow[]): string | null => findScanViolation([registered, scan(11, 20, rows)])
    expect(check([handle, 0, false, 1, 5, 7, -8])).toContain('with another record than its own')
    expect(check([handle, 0, false, 1, 5, 8, -8])).toContain('with another record than its own')
    expect(check([handle, 0, false, 2, 5, 7, -7])).toContain('with the type 2')
    expect(check([handle, 0, false, 1, 6, 7, -7])).toContain('the symbol 6')
    expect(check([handle, 0, true, 1, 5, 7, -7])).toContain('as spent')
    expect(check(row, row)).toContain('the handle 65536 twice')
    expect(findScanViolation([registered, scan(11, 20, [row], 2)])).toContain('a scan of type 2 gave one of type 1')
    expect(findScanViolation([registered, call(11, 12, 'register', [6, 9, 1], [true, handle])])).toContain('REG-5')
  })

  it('canary: a state that was left before the scan, is still to come, or that nobody brought about', () => {
    const moved = call(20, 30, 'transition', [5, handle, 2], ['ok', 0])
    const check = (scanned: Call): string | null => findScanViolation([registered, moved, scanned])
    expect(check(scan(30, 40, [inState(0)]))).toBe(null)
    expect(check(scan(31, 40, [inState(0)]))).toContain('in the state 0 after it had left it')
    expect(check(scan(11, 20, [inState(2)]))).toBe(null)
    expect(check(scan(11, 19, [inState(2)]))).toContain('in the state 2 before anybody moved it there')
    expect(check(scan(25, 40, [inState(1)]))).toContain('in the state 1, to which nobody moved it')
    const refused = call(20, 30, 'transition', [5, handle, 0], ['ILLEGAL', 0])
    expect(findScanViolation([registered, refused, scan(31, 40, [row])])).toBe(null)
  })

  it('canary: rows that intervals allow and no order of all calls explains', () => {
    const slow = call(0, 100, 'register', [5, 7, 1], [true, handle])
    const history = [slow, scan(10, 20, [row]), call(30, 40, 'getById', [5], null, 2)]
    expect(findScanViolation(history)).toBe(null)
    expect(findViolation(rowsAsReads(history), registryModel)).toContain('no order explains more than')
    const allowed = [slow, scan(10, 20, [row]), call(15, 40, 'getById', [5], null, 2)]
    expect(findViolation(rowsAsReads(allowed), registryModel)).toBe(null)
  })

  it('scan intervals: an id that is retired behind a scan and registered before it is in it twice, in any order', () => {
    const again: ScanRow = [handle + 1, 0, false, 0, 5, 8, -8]
    const history = [
      registered,
      call(20, 21, 'retire', [5, handle], true),
      call(22, 23, 'register', [5, 8, 0], [true, handle + 1]),
    ]
    for (const rows of [
      [row, again],
      [again, row],
    ]) {
      const calls = [...history, scan(15, 30, rows)]
      expect(findScanViolation(calls)).toBe(null)
      expect(findViolation(rowsAsReads(calls), registryModel)).toBe(null)
      expect(scansBesideChanges(calls)).toBe(1)
    }
    expect(scansBesideChanges([...history, scan(24, 30, [again])])).toBe(0)
  })
})
