import fs from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/base/random.ts'
import { Appender, type AppenderOptions } from '../../../src/journal/appender.ts'
import { contentsOf, FaultyFs, temporaryFolder } from './faulty-fs.ts'

const first = 'events-000001.ndjson'
const second = 'events-000002.ndjson'

function line(number: number, padding = 0): string {
  return `{"n":${number}${padding > 0 ? `,"pad":"${'x'.repeat(padding)}"` : ''}}`
}

function open(options: AppenderOptions = {}, folder = temporaryFolder()): { folder: string; appender: Appender } {
  return { folder, appender: Appender.open(folder, 'events', options) }
}

describe('appender', () => {
  test('appender: a line is acknowledged by flush and not before', () => {
    const { folder, appender } = open()
    expect(contentsOf(folder)).toEqual({ [first]: '' })
    appender.append(line(1))
    appender.append('{"ü":"€𝄞"}')
    expect([appender.acknowledgedLines, appender.pendingLines, contentsOf(folder)[first]]).toEqual([0, 2, ''])
    expect(appender.flush()).toEqual({ status: 'ok' })
    const text = '{"n":1}\n{"ü":"€𝄞"}\n'
    expect(contentsOf(folder)).toEqual({ [first]: text })
    expect([appender.acknowledgedLines, appender.acknowledgedBytes]).toEqual([2, Buffer.byteLength(text)])
    expect([appender.pendingLines, appender.pendingBytes]).toEqual([0, 0])
    appender.close()
    expect(appender.state).toBe('closed')
  })

  test('appender: opened again it goes on behind the last line', () => {
    const { folder, appender } = open()
    appender.append(line(1))
    appender.close()
    const again = Appender.open(folder, 'events')
    expect(again.recovered).toMatchObject({ lastLine: line(1), cutBytes: 0 })
    again.append(line(2))
    again.close()
    expect(contentsOf(folder)).toEqual({ [first]: `${line(1)}\n${line(2)}\n` })
  })

  test('appender: rotates between lines, by the lines alone and not by when they were flushed', () => {
    const lines = Array.from({ length: 40 }, (_, index) => line(index, (index * 7) % 60))
    const runs = [1, 3, 40].map((batch) => {
      const { folder, appender } = open({ rotateBytes: 200 })
      lines.forEach((text, index) => {
        appender.append(text)
        if (index % batch === 0) expect(appender.flush().status).toBe('ok')
      })
      appender.close()
      return contentsOf(folder)
    })
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).toEqual(runs[0])
    const files = Object.values(runs[0]!)
    expect(files.length).toBeGreaterThan(5)
    expect(files.join('')).toBe(lines.map((text) => `${text}\n`).join(''))
    for (const text of files) expect(text.length).toBeLessThanOrEqual(200)
  })

  test('appender: a line longer than a file has a file of its own, one longer than the buffer is taken', () => {
    const { folder, appender } = open({ rotateBytes: 100, bufferBytes: 64 })
    for (const text of [line(1), line(2, 500), line(3)]) appender.append(text)
    appender.close()
    expect(Object.values(contentsOf(folder))).toEqual([`${line(1)}\n`, `${line(2, 500)}\n`, `${line(3)}\n`])
  })

  test('appender: a finished file is synced before its successor is made (JNL-1)', () => {
    const faulty = new FaultyFs()
    const { appender } = open({ rotateBytes: 10, fs: faulty })
    appender.append(line(1))
    appender.append(line(2))
    faulty.calls.length = 0
    appender.flush()
    // The first line; then sync, successor, folder; then the second line.
    expect(faulty.calls).toEqual(['write', 'fsync', 'close', 'open', 'open', 'fsync', 'close', 'write'])
  })

  test('appender: synced waits for the disk on every flush, written does not', () => {
    for (const [durability, syncs] of [
      ['synced', 2],
      ['written', 0],
    ] as const) {
      const faulty = new FaultyFs()
      const { appender } = open({ durability, fs: faulty })
      for (let number = 0; number < 2; number += 1) {
        appender.append(line(number))
        appender.flush()
      }
      expect(faulty.calls.filter((call) => call === 'fdatasync')).toHaveLength(syncs)
      appender.close()
      expect(faulty.calls.slice(-2)).toEqual(['fsync', 'close'])
    }
  })

  test('appender: buffered acknowledges when a buffer has gathered, or on drain and close', () => {
    const { folder, appender } = open({ durability: 'buffered', bufferBytes: 64 })
    appender.append(line(1))
    expect(appender.flush()).toEqual({ status: 'ok' })
    expect([appender.acknowledgedLines, contentsOf(folder)[first]]).toEqual([0, ''])
    for (let number = 2; number < 12; number += 1) appender.append(line(number))
    expect(appender.acknowledgedLines).toBeGreaterThan(0)
    expect(appender.pendingLines).toBeGreaterThan(0)
    appender.drain()
    expect([appender.acknowledgedLines, appender.pendingLines]).toEqual([11, 0])
    appender.append(line(12))
    appender.close()
    expect(contentsOf(folder)[first]!.split('\n')).toHaveLength(13)
  })

  test('appender: short and interrupted writes are carried on until the batch is whole', () => {
    const faulty = new FaultyFs()
    const { folder, appender } = open({ fs: faulty })
    faulty.writeBytesMax = 7
    faulty.writeFaults = ['EINTR', 'EAGAIN', 'EINTR']
    const lines = Array.from({ length: 20 }, (_, index) => line(index, index))
    for (const text of lines) appender.append(text)
    expect(appender.flush()).toEqual({ status: 'ok' })
    expect(contentsOf(folder)[first]).toBe(lines.map((text) => `${text}\n`).join(''))
  })

  test('appender: a disk that never takes a byte stops it instead of spinning for ever', () => {
    const faulty = new FaultyFs()
    faulty.writeSync = () => 0
    const { appender } = open({ fs: faulty })
    appender.append(line(1))
    expect(appender.flush()).toEqual({ status: 'stopped', errno: 'EIO' })
  })

  test.each([
    ['', 'empty'],
    ['{"a":\n1}', 'a newline'],
  ])('appender: the line %j is refused', (text) => {
    const { appender } = open()
    expect(() => appender.append(text)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    expect(appender.pendingLines).toBe(0)
  })

  test.each([
    ['bufferBytes', { bufferBytes: 1 }],
    ['rotateBytes', { rotateBytes: 0 }],
    ['pendingBytesMax', { bufferBytes: 4096, pendingBytesMax: 4095 }],
    ['durability', { durability: 'sometimes' as 'synced' }],
  ])('appender: %s out of range is refused by name', (field, options) => {
    expect(() => open(options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field }))
  })

  test('appender: after close every call but close says so', () => {
    const { appender } = open()
    appender.close()
    appender.close()
    expect(() => appender.append(line(1))).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    expect(() => appender.flush()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  })
})

describe('appender on a full disk', () => {
  /** One acknowledged line, then a batch of three of which the disk takes one and a half. */
  function fillUp(faulty: FaultyFs, options: AppenderOptions = {}): { folder: string; appender: Appender } {
    const opened = open({ fs: faulty, ...options })
    opened.appender.append(line(1))
    opened.appender.flush()
    faulty.freeBytes = 12
    for (const number of [2, 3, 4]) opened.appender.append(line(number))
    expect(opened.appender.flush()).toEqual({ status: 'stopped', errno: 'ENOSPC' })
    return opened
  }

  test('disk full: the half-written batch is cut off, nothing acknowledged is touched, nothing is lost, and it resumes', () => {
    const faulty = new FaultyFs()
    const { folder, appender } = fillUp(faulty)
    expect(contentsOf(folder)[first]).toBe(`${line(1)}\n`)
    expect([appender.state, appender.errno, appender.acknowledgedLines, appender.pendingLines]).toEqual([
      'stopped',
      'ENOSPC',
      1,
      3,
    ])
    appender.append(line(5))
    expect(appender.flush()).toEqual({ status: 'stopped', errno: 'ENOSPC' })
    expect(contentsOf(folder)[first]).toBe(`${line(1)}\n`)
    faulty.freeBytes = Number.POSITIVE_INFINITY
    expect(appender.flush()).toEqual({ status: 'ok' })
    expect([appender.state, appender.errno, appender.acknowledgedLines]).toEqual(['running', null, 5])
    expect(contentsOf(folder)[first]).toBe([1, 2, 3, 4, 5].map((number) => `${line(number)}\n`).join(''))
  })

  test('canary: without the cut the half line is there to see', () => {
    const faulty = new FaultyFs()
    faulty.keepsTornTails = true
    const { folder } = fillUp(faulty)
    expect(contentsOf(folder)[first]).toBe(`${line(1)}\n${line(2)}\n${line(3).slice(0, 4)}`)
  })

  test('disk full: a half line that could not be cut at once is cut before anything else is written', () => {
    const faulty = new FaultyFs()
    faulty.truncateFaults = ['EIO', 'EIO']
    const { folder, appender } = fillUp(faulty)
    expect(contentsOf(folder)[first]).not.toBe(`${line(1)}\n`)
    faulty.freeBytes = 0
    expect(appender.flush()).toEqual({ status: 'stopped', errno: 'EIO' })
    expect(appender.flush()).toEqual({ status: 'stopped', errno: 'ENOSPC' })
    expect(contentsOf(folder)[first]).toBe(`${line(1)}\n`)
  })

  test('disk full: memory is bounded; a line beyond the bound is refused and the ones taken are kept', () => {
    const faulty = new FaultyFs()
    const { folder, appender } = open({ fs: faulty, bufferBytes: 64, pendingBytesMax: 256 })
    faulty.freeBytes = 0
    let taken = 0
    const refusal = (() => {
      try {
        for (;;) {
          appender.append(line(taken))
          taken += 1
        }
      } catch (thrown) {
        return thrown
      }
    })()
    expect(refusal).toMatchObject({ code: 'ERR_IO', value: 'ENOSPC' })
    expect(appender.pendingBytes).toBeLessThanOrEqual(256)
    expect(appender.pendingBytes).toBeGreaterThan(240)
    expect(() => appender.append(line(9, 300))).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    expect(() => appender.close()).toThrow(expect.objectContaining({ code: 'ERR_IO', value: 'ENOSPC' }))
    faulty.freeBytes = Number.POSITIVE_INFINITY
    appender.close()
    const expected = Array.from({ length: taken }, (_, index) => `${line(index)}\n`).join('')
    expect(contentsOf(folder)[first]).toBe(expected)
  })

  test('disk full: after a failed sync the bytes are cut and written anew before they count', () => {
    const faulty = new FaultyFs()
    const { folder, appender } = open({ fs: faulty, durability: 'synced' })
    appender.append(line(1))
    faulty.syncFaults = ['EIO']
    expect(appender.flush()).toEqual({ status: 'stopped', errno: 'EIO' })
    expect([appender.acknowledgedLines, contentsOf(folder)[first]]).toEqual([0, ''])
    faulty.calls.length = 0
    expect(appender.flush()).toEqual({ status: 'ok' })
    expect(faulty.calls).toEqual(['write', 'fdatasync'])
    expect(contentsOf(folder)[first]).toBe(`${line(1)}\n`)
  })

  test.each<[string, number, (faulty: FaultyFs) => void]>([
    ['the sync of the finished file', 1, (faulty) => faulty.syncFaults.push('EIO')],
    ['the making of the next', 2, (faulty) => faulty.openFaults.push('ENOSPC', 'EMFILE')],
    [
      'the sync of the folder',
      1,
      (faulty) => {
        const sync = faulty.fsyncSync
        faulty.fsyncSync = (fd) => {
          fs.fsyncSync(fd)
          faulty.fsyncSync = sync
          faulty.syncFaults.push('EIO')
        }
      },
    ],
  ])('disk full: a rotation that fails at %s is taken up again there', (_, stopsExpected, arm) => {
    const faulty = new FaultyFs()
    const { folder, appender } = open({ fs: faulty, rotateBytes: 10 })
    appender.append(line(1))
    appender.flush()
    arm(faulty)
    appender.append(line(2))
    appender.append(line(3))
    let stops = 0
    while (appender.flush().status === 'stopped') stops += 1
    expect(stops).toBe(stopsExpected)
    appender.close()
    expect(Object.values(contentsOf(folder))).toEqual([1, 2, 3].map((number) => `${line(number)}\n`))
    expect(appender.acknowledgedLines).toBe(3)
  })

  test('disk full: over random faults every line is acknowledged once, in order, and a reader never sees a half line', () => {
    const seed = 991
    const random = new Random(seed)
    for (let round = 0; round < 30; round += 1) {
      const faulty = new FaultyFs()
      faulty.skipsSyncs = true
      const { folder, appender } = open({
        fs: faulty,
        rotateBytes: random.integer(20, 400),
        bufferBytes: random.integer(64, 300),
        durability: random.integer(0, 1) === 0 ? 'written' : 'synced',
      })
      let appended = 0
      let cutFailed = false
      for (let step = 0; step < 60; step += 1) {
        faulty.freeBytes = random.integer(0, 2) === 0 ? random.integer(0, 60) : 10_000
        faulty.writeBytesMax = random.integer(1, 80)
        if (random.integer(0, 9) === 0) faulty.syncFaults = ['EIO']
        if (random.integer(0, 9) === 0) faulty.openFaults = ['EMFILE']
        faulty.truncateFaults = random.integer(0, 9) === 0 ? ['EIO'] : []
        const mayNotCut = faulty.truncateFaults.length > 0
        if (random.integer(0, 9) === 0) faulty.writeFaults = ['EINTR', 'EDQUOT']
        for (let count = random.integer(0, 4); count > 0; count -= 1) {
          appender.append(line(appended, random.integer(0, 50)))
          appended += 1
        }
        appender.flush()
        cutFailed = appender.state === 'stopped' && (cutFailed || (mayNotCut && faulty.truncateFaults.length === 0))
        if (cutFailed) continue
        const lines = Object.values(contentsOf(folder)).join('').split('\n')
        expect(lines.pop(), `seed ${seed}, round ${round}, step ${step}`).toBe('')
        expect(lines.length, `seed ${seed}, round ${round}, step ${step}`).toBe(appender.acknowledgedLines)
      }
      Object.assign(faulty, new FaultyFs(), { skipsSyncs: true })
      appender.close()
      const numbers = Object.values(contentsOf(folder))
        .join('')
        .split('\n')
        .slice(0, -1)
        .map((text) => (JSON.parse(text) as { n: number }).n)
      expect(numbers, `seed ${seed}, round ${round}`).toEqual(Array.from({ length: appended }, (_, index) => index))
      expect(appender.acknowledgedLines).toBe(appended)
    }
  })

  test('disk full: abandon lets go and says how many lines were lost', () => {
    const { appender } = fillUp(new FaultyFs())
    expect(appender.abandon()).toBe(3)
    expect(appender.state).toBe('closed')
  })
})

test('appender: a file that has the name of the successor is never written over', () => {
  const { folder, appender } = open({ rotateBytes: 10 })
  appender.append(line(1))
  appender.flush()
  fs.writeFileSync(join(folder, second), 'somebody else\n')
  appender.append(line(2))
  expect(appender.flush()).toEqual({ status: 'stopped', errno: 'EEXIST' })
  expect(contentsOf(folder)[second]).toBe('somebody else\n')
  expect(appender.abandon()).toBe(1)
})
