import fs from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/base/random.ts'
import { Appender } from '../../../src/journal/appender.ts'
import { type JournalRead, type ReadOptions, readJournal } from '../../../src/journal/reader.ts'
import { temporaryFolder } from './faulty-fs.ts'

/** What was read, in one word each: the number of the line, or its problem. */
function read(path: string, options: ReadOptions = {}): string[] {
  return [...readJournal(path, 'trades', options)].map(brief)
}

function brief(read: JournalRead): string {
  const where = `${basename(read.file)}:${read.line}`
  return read.kind === 'line' ? `${where} ${read.value.n}` : `${where} ${read.problem}`
}

function write(folder: string, number: number, text: string | Buffer): string {
  const path = join(folder, `trades-00000${number}.ndjson`)
  fs.writeFileSync(path, text)
  return path
}

describe('reader', () => {
  test('reader: yields the lines of all rotations in order, with file and line, integers beyond 2^53 whole', () => {
    const folder = temporaryFolder()
    write(folder, 2, '{"n":3}\n')
    write(folder, 1, '{"n":1}\n{"n":2,"timestamp":1737442838123456789}\n')
    fs.writeFileSync(join(folder, 'events-000001.ndjson'), '{"n":9}\n')
    expect(read(folder)).toEqual(['trades-000001.ndjson:1 1', 'trades-000001.ndjson:2 2', 'trades-000002.ndjson:1 3'])
    const second = [...readJournal(folder, 'trades')][1]!
    expect(second).toMatchObject({ kind: 'line', value: { timestamp: 1737442838123456789n } })
  })

  test.each([1, 2, 3, 7, 64, 1 << 18])('reader: chunks of %d bytes give the same lines', (chunkBytes) => {
    const path = join(temporaryFolder(), 'any.ndjson')
    fs.writeFileSync(path, '{"n":1}\n\n{"n":2,"t":"€€€ 𝄞"}\r\n{"n":3}\n')
    expect(read(path, { chunkBytes })).toEqual(['any.ndjson:1 1', 'any.ndjson:3 2', 'any.ndjson:4 3'])
  })

  test('reader: a torn end is a problem at its line, a whole last line without its newline is a line', () => {
    const folder = temporaryFolder()
    const path = write(folder, 1, '{"n":1}\n{"n":2')
    expect(read(folder)).toEqual(['trades-000001.ndjson:1 1', 'trades-000001.ndjson:2 torn'])
    fs.writeFileSync(path, '{"n":1}\n{"n":2}')
    expect(read(folder)).toEqual(['trades-000001.ndjson:1 1', 'trades-000001.ndjson:2 2'])
    fs.writeFileSync(path, Buffer.concat([Buffer.from('{"n":1}\n'), Buffer.alloc(100)]))
    expect(read(path)).toEqual(['trades-000001.ndjson:1 1', 'trades-000001.ndjson:2 torn'])
  })

  test('reader: foreign lines are values with a reason, and reading goes on behind them', () => {
    const folder = temporaryFolder()
    write(
      folder,
      1,
      Buffer.concat([
        Buffer.from('{"n":1}\nhello\n[1]\n42\n{"n":2}\n{"a":"'),
        Buffer.of(0xff),
        Buffer.from('"}\n{"a":\0\0}\n{"n":3}\n'),
      ]),
    )
    expect(read(folder)).toEqual([
      'trades-000001.ndjson:1 1',
      'trades-000001.ndjson:2 foreign',
      'trades-000001.ndjson:3 foreign',
      'trades-000001.ndjson:4 foreign',
      'trades-000001.ndjson:5 2',
      'trades-000001.ndjson:6 foreign',
      'trades-000001.ndjson:7 foreign',
      'trades-000001.ndjson:8 3',
    ])
  })

  test('reader: lines that are not asked for are passed over unparsed; a torn end is a problem all the same', () => {
    const folder = temporaryFolder()
    write(folder, 1, '{"n":1}\nnot JSON\n{"n":2}\n')
    write(folder, 2, '{"n":12}\n{"n":3}\n{"n":')
    const only = (text: string): boolean => text.includes('2')
    expect(read(folder, { only })).toEqual([
      'trades-000001.ndjson:3 2',
      'trades-000002.ndjson:1 12',
      'trades-000002.ndjson:3 torn',
    ])
    write(folder, 2, '{"n":3}')
    expect(read(folder, { only })).toEqual(['trades-000001.ndjson:3 2'])
  })

  test('reader: strict throws at the first problem and names file and line', () => {
    const path = write(temporaryFolder(), 1, '{"n":1}\nhello\n')
    expect(() => read(path, { strict: true })).toThrow(
      expect.objectContaining({
        code: 'ERR_INPUT',
        field: `${path}:2`,
        message: expect.stringContaining('is not JSON'),
      }),
    )
  })

  test('reader: a missing rotation is reported, a series that begins late is not', () => {
    const folder = temporaryFolder()
    write(folder, 3, '{"n":1}\n')
    write(folder, 6, '{"n":2}\n')
    expect(read(folder)).toEqual([
      'trades-000003.ndjson:1 1',
      'trades-000004.ndjson:0 missing',
      'trades-000006.ndjson:1 2',
    ])
  })

  test('reader: a path that is not there, and a folder without the series, are refused by name', () => {
    const folder = temporaryFolder()
    for (const path of [join(folder, 'nothing'), folder]) {
      expect(() => read(path)).toThrow(expect.objectContaining({ code: 'ERR_INPUT', field: path }))
    }
  })

  test('reader: beside a writer it stops at the last whole line and includes what is appended while it reads', () => {
    const folder = temporaryFolder()
    const path = write(folder, 1, '{"n":1}\n{"n":2}\n{"n"')
    expect(read(folder, { live: true })).toEqual(['trades-000001.ndjson:1 1', 'trades-000001.ndjson:2 2'])
    const reads = readJournal(folder, 'trades', { live: true })
    expect(brief(reads.next().value as JournalRead)).toBe('trades-000001.ndjson:1 1')
    fs.appendFileSync(path, ':3}\n{"n":4}\n')
    write(folder, 2, '{"n":5}\n')
    expect([...reads].map(brief)).toEqual([
      'trades-000001.ndjson:2 2',
      'trades-000001.ndjson:3 3',
      'trades-000001.ndjson:4 4',
      'trades-000002.ndjson:1 5',
    ])
  })

  test('reader: a reader that is always overtaken by appends and rotations misses and repeats nothing', () => {
    const seed = 4711
    const random = new Random(seed)
    for (let round = 0; round < 10; round += 1) {
      const folder = temporaryFolder()
      const appender = Appender.open(folder, 'trades', { rotateBytes: 60, bufferBytes: 64 })
      let appended = 0
      const appendSome = (): void => {
        for (let count = random.integer(0, 9); count > 0 && appended < 200; count -= 1) {
          appender.append(`{"n":${appended}}`)
          appended += 1
        }
        appender.flush()
      }
      appendSome()
      const seen: unknown[] = []
      for (const read of readJournal(folder, 'trades', { live: true, chunkBytes: random.integer(1, 50) })) {
        seen.push(read.kind === 'line' ? read.value.n : read.problem)
        appendSome()
      }
      appender.close()
      expect(seen, `seed ${seed}, round ${round}`).toEqual(Array.from({ length: seen.length }, (_, index) => index))
      expect(seen.length, `seed ${seed}, round ${round}`).toBeGreaterThanOrEqual(appended === 200 ? 200 : 0)
    }
  })
})
