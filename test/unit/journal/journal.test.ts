import fs from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Journal } from '../../../src/journal/journal.ts'
import { contentsOf, FaultyFs, temporaryFolder } from './faulty-fs.ts'

const decision = (sequence: number): string => `{"arbitration_id":"arb_x_${sequence}","sequence":${sequence}}`

describe('journal', () => {
  test('journal: makes its folder, writes its series and leaves no lock behind', () => {
    const folder = join(temporaryFolder(), 'a', 'b')
    const journal = Journal.open(folder)
    expect(journal.nextSequence).toBe(1)
    journal.append('decisions', decision(1))
    journal.append('events', '{"event_id":"e"}')
    expect([journal.pendingLines, journal.acknowledgedLines('decisions')]).toEqual([2, 0])
    expect(journal.flush()).toEqual({ status: 'ok' })
    expect([journal.pendingLines, journal.acknowledgedLines('decisions')]).toEqual([0, 1])
    journal.append('trades', '{"event_id":"e"}')
    journal.close()
    journal.close()
    expect(journal.state).toBe('closed')
    expect(contentsOf(folder)).toEqual({
      'counterfactuals-000001.ndjson': '',
      'decisions-000001.ndjson': `${decision(1)}\n`,
      'events-000001.ndjson': '{"event_id":"e"}\n',
      'inputs-000001.ndjson': '',
      'refusals-000001.ndjson': '',
      'trades-000001.ndjson': '{"event_id":"e"}\n',
    })
  })

  test('journal: a close that the disk cuts short in the middle can be called again, or given up, and the folder is free then', () => {
    /** The second series' last sync fails, once. */
    class Disk extends FaultyFs {
      #syncs = Number.NEGATIVE_INFINITY
      override fsyncSync(fd: number): void {
        this.#syncs += 1
        if (this.#syncs === 2) this.syncFaults = ['EIO']
        super.fsyncSync(fd)
      }
      arm(): void {
        this.#syncs = 0
      }
    }
    for (const way of ['close', 'abandon'] as const) {
      const folder = temporaryFolder()
      const disk = new Disk()
      const journal = Journal.open(folder, { fs: disk })
      journal.append('events', '{"event_id":"e"}')
      disk.arm()
      expect(() => journal.close()).toThrow(expect.objectContaining({ code: 'ERR_IO' }))
      expect(journal.state).toBe('stopped')
      expect(() => Journal.open(folder)).toThrow(/this process writes it already/)
      if (way === 'close') {
        expect(journal.flush()).toEqual({ status: 'ok' })
        journal.close()
      } else journal.abandon()
      expect(journal.state).toBe('closed')
      expect(() => journal.flush()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
      expect(contentsOf(folder)['events-000001.ndjson']).toBe('{"event_id":"e"}\n')
      Journal.open(folder).close()
    }
  })

  test('journal: opened again it never hands out a sequence twice, and reports the torn line that it cut', () => {
    const folder = temporaryFolder()
    const journal = Journal.open(folder)
    for (const sequence of [1, 2, 3]) journal.append('decisions', decision(sequence))
    journal.close()
    fs.appendFileSync(join(folder, 'decisions-000001.ndjson'), decision(4).slice(0, -1))
    const again = Journal.open(folder)
    expect(again.recovered.map(({ series, cutBytes }) => [series, cutBytes])).toEqual([
      ['events', 0],
      ['inputs', 0],
      ['decisions', decision(4).length - 1],
      ['trades', 0],
      ['refusals', 0],
      ['counterfactuals', 0],
    ])
    // 4 can no longer be read whole, but may have been acted on.
    expect(again.nextSequence).toBe(5)
    again.close()
  })

  test('journal: a decision of which only its inputs reached the disk has used its number', () => {
    const folder = temporaryFolder()
    const series = ['inputs', 'decisions', 'trades']
    const journal = Journal.open(folder, { series })
    journal.append('decisions', decision(3))
    journal.append('inputs', '{"arbitration_id":"arb_20260617_180022_000005","scenario":{}}')
    journal.close()
    const again = Journal.open(folder, { series })
    expect(again.nextSequence).toBe(6)
    again.close()
  })

  test('journal: requireEmpty refuses a folder that has entries by name, and takes one with empty files or other things', () => {
    const folder = temporaryFolder()
    fs.writeFileSync(join(folder, 'notes.txt'), 'mine')
    Journal.open(folder, { requireEmpty: true }).close()
    Journal.open(folder, { requireEmpty: true }).close()
    fs.writeFileSync(join(folder, 'counterfactuals-000007.ndjson'), '{}\n')
    expect(() => Journal.open(folder, { requireEmpty: true })).toThrow(
      expect.objectContaining({
        code: 'ERR_INPUT',
        field: folder,
        message: expect.stringContaining('counterfactuals-000007.ndjson'),
      }),
    )
    Journal.open(folder).close()
  })

  test('journal: a path that is a file, lies below one, or cannot be made is refused by name', () => {
    const file = join(temporaryFolder(), 'file')
    fs.writeFileSync(file, '')
    const paths = [file, join(file, 'below'), join(file, 'further', 'below')]
    // A folder that is there and in which nothing can be made, whoever asks.
    if (process.platform === 'linux') paths.push('/proc/signalbox/journal')
    for (const path of paths) {
      expect(() => Journal.open(path)).toThrow(expect.objectContaining({ code: 'ERR_INPUT', field: path }))
    }
    for (const path of ['', 'nul\0byte']) {
      expect(() => Journal.open(path)).toThrow(expect.objectContaining({ code: 'ERR_INPUT', field: 'journal' }))
    }
  })

  test('journal: a full disk while opening is the machine, not the input', () => {
    const faulty = new FaultyFs()
    faulty.openFaults = ['ENOSPC']
    const folder = temporaryFolder()
    expect(() => Journal.open(folder, { fs: faulty })).toThrow(
      expect.objectContaining({ code: 'ERR_IO', field: folder }),
    )
    Journal.open(folder).close()
  })

  test('journal: when the disk refuses the events, the decisions about them wait too (JNL-4)', () => {
    const faulty = new FaultyFs()
    const folder = temporaryFolder()
    const journal = Journal.open(folder, { fs: faulty })
    journal.append('trades', '{"t":1}')
    journal.append('decisions', decision(1))
    journal.append('events', '{"e":1}')
    faulty.writeFaults = ['ENOSPC']
    expect(journal.flush()).toEqual({ status: 'stopped', errno: 'ENOSPC' })
    expect(journal.state).toBe('stopped')
    expect(Object.values(contentsOf(folder)).join('')).toBe('')
    faulty.writeFaults = ['ENOSPC']
    expect(() => journal.close()).toThrow(expect.objectContaining({ code: 'ERR_IO', value: 'ENOSPC' }))
    expect(journal.flush()).toEqual({ status: 'ok' })
    expect([journal.state, journal.pendingLines]).toEqual(['running', 0])
    journal.close()
  })

  test('journal: a buffer that fills up writes the series before it first (JNL-4)', () => {
    const folder = temporaryFolder()
    const journal = Journal.open(folder, { bufferBytes: 64 })
    journal.append('events', '{"e":1}')
    for (let number = 0; number < 8; number += 1) journal.append('trades', `{"trade":${number}}`)
    expect(journal.acknowledgedLines('trades')).toBeGreaterThan(0)
    expect(journal.acknowledgedLines('events')).toBe(1)
    journal.close()
  })

  test('journal: further series can be opened, one that was not is refused', () => {
    const folder = temporaryFolder()
    const journal = Journal.open(folder, { series: ['inputs', 'counterfactuals'] })
    journal.append('inputs', '{"i":1}')
    expect(() => journal.append('decisions', '{}')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    expect(journal.abandon()).toBe(1)
    expect(() => Journal.open(folder, { series: ['../x'] })).toThrow(expect.objectContaining({ field: 'series' }))
  })

  test('journal: a series that is not ours is refused, and nothing stays open or locked', () => {
    const folder = temporaryFolder()
    fs.writeFileSync(join(folder, 'trades-000001.ndjson'), 'dear diary')
    expect(() => Journal.open(folder)).toThrow(expect.objectContaining({ code: 'ERR_INPUT' }))
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([])
  })
})

describe('folder lock', () => {
  test('folder lock: this process cannot open one folder twice', () => {
    const folder = temporaryFolder()
    const journal = Journal.open(folder)
    expect(() => Journal.open(folder)).toThrow(expect.objectContaining({ code: 'ERR_INPUT', field: folder }))
    journal.close()
    Journal.open(folder).close()
  })

  test('folder lock: a living process of this host is respected and named', () => {
    const folder = temporaryFolder()
    // The parent of this process lives as long as it does; without a start it is judged by its id alone.
    const lock = `writer-${hostname().replaceAll(/[^A-Za-z0-9.]/g, '_')}-${process.ppid}-unknown.lock`
    fs.writeFileSync(join(folder, lock), '')
    expect(() => Journal.open(folder)).toThrow(`process ${process.ppid} is writing it`)
    expect(fs.readdirSync(folder)).toEqual([lock])
  })

  test('folder lock: the lock of a dead process, or of one that started at another time under its id, is taken over', () => {
    const host = hostname().replaceAll(/[^A-Za-z0-9.]/g, '_')
    // No process has the greatest id that Linux allows plus one.
    const locks = [`writer-${host}-4194305-unknown.lock`]
    if (process.platform === 'linux') locks.push(`writer-${host}-${process.ppid}-0123456789abcdef.1.lock`)
    for (const lock of locks) {
      const folder = temporaryFolder()
      fs.writeFileSync(join(folder, lock), '')
      Journal.open(folder).close()
      expect(fs.readdirSync(folder)).not.toContain(lock)
    }
  })

  test('folder lock: a process of another host cannot be judged and is respected', () => {
    const folder = temporaryFolder()
    fs.writeFileSync(join(folder, 'writer-elsewhere.example-7-unknown.lock'), '')
    expect(() => Journal.open(folder)).toThrow('remove writer-elsewhere.example-7-unknown.lock')
  })
})
