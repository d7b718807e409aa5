import fs from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lastSequenceOf, recoverSeries } from '../../../src/journal/recover.ts'
import { contentsOf, temporaryFolder } from './faulty-fs.ts'

const first = 'decisions-000001.ndjson'
const one = '{"arbitration_id":"a","sequence":1}\n'
const two = '{"arbitration_id":"b","sequence":2}\n'

function folderWith(...texts: (string | Buffer)[]): string {
  const folder = temporaryFolder()
  texts.forEach((text, index) => {
    fs.writeFileSync(join(folder, `decisions-00000${index + 1}.ndjson`), text)
  })
  return folder
}

describe('recovery', () => {
  test.each<[string, string | Buffer, number]>([
    ['half a line', '{"arbitration_id":"c","seq', 26],
    ['a line that breaks off inside a number', '{"arbitration_id":"c","sequence":3', 34],
    ['NUL bytes', Buffer.alloc(9000), 9000],
    ['half a line and NUL bytes', Buffer.concat([Buffer.from('{"a":'), Buffer.alloc(70_000)]), 70_005],
    ['NUL bytes and the end of a later line', Buffer.concat([Buffer.alloc(4096), Buffer.from('"x":1}\n')]), 4103],
    ['a line with NUL bytes in its middle, then half a line', Buffer.from('{"a":\0\0\0\0"}\n{"b'), 15],
    ['a broken line that ends with a newline', '{"a":1,\n', 8],
    ['half a character', Buffer.from('{"a":"€').subarray(0, 8), 8],
    ['a blank line', '\n', 1],
  ])('recovery: %s at the end is cut off and counted, nothing before it is lost', (_, torn, cutBytes) => {
    const folder = folderWith(Buffer.concat([Buffer.from(one + two), Buffer.from(torn as string)]))
    const recovered = recoverSeries(folder, 'decisions')
    expect(recovered).toMatchObject({ cutBytes, newestBytes: Buffer.byteLength(one + two), newlineAdded: false })
    expect(recovered.lastLine).toBe(two.trimEnd())
    expect(contentsOf(folder)).toEqual({ [first]: one + two })
    expect(recoverSeries(folder, 'decisions').cutBytes).toBe(0)
  })

  test('recovery: a cut at every single byte of the last line loses that line at most', () => {
    for (let keep = 0; keep <= two.length; keep += 1) {
      const folder = folderWith(one + two.slice(0, keep))
      const recovered = recoverSeries(folder, 'decisions')
      const isWhole = keep >= two.length - 1
      expect(contentsOf(folder)[first]).toBe(isWhole ? one + two : one)
      expect([recovered.cutBytes, recovered.newlineAdded]).toEqual([isWhole ? 0 : keep, keep === two.length - 1])
      // A line that was begun had its number, and may have been acted on.
      expect(lastSequenceOf(recovered)).toBe(keep > 0 ? 2 : 1)
    }
  })

  test('recovery: a file that held only a torn line is empty afterwards, and the last line is in the file before', () => {
    const folder = folderWith(one, '{"arbit')
    const recovered = recoverSeries(folder, 'decisions')
    expect(recovered).toMatchObject({ cutBytes: 7, newestBytes: 0, lastLine: one.trimEnd() })
    expect(recovered.lastLineFile).toBe(join(folder, first))
    expect(contentsOf(folder)).toEqual({ [first]: one, 'decisions-000002.ndjson': '' })
  })

  test('recovery: a folder without the series, or with an empty file, has no last line', () => {
    expect(recoverSeries(temporaryFolder(), 'decisions')).toMatchObject({ files: [], lastLine: null, cutBytes: 0 })
    const recovered = recoverSeries(folderWith(''), 'decisions')
    expect([recovered.lastLine, recovered.newestBytes, lastSequenceOf(recovered)]).toEqual([null, 0, 0])
  })

  test('recovery: a line longer than the chunks it is searched in is found whole', () => {
    const long = `{"pad":"${'y'.repeat(200_000)}","sequence":7}\n`
    const recovered = recoverSeries(folderWith(`${one}${long}{"torn`), 'decisions')
    expect([recovered.cutBytes, lastSequenceOf(recovered)]).toEqual([6, 8])
  })

  test.each([
    ['text', 'dear diary,\nnothing happened'],
    ['a list', `${one}[1,2]\n`],
    ['a number', `${one}42`],
  ])('recovery: a file that ends with %s is not ours: it is refused by name and left alone', (_, text) => {
    const folder = folderWith(text)
    expect(() => recoverSeries(folder, 'decisions')).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT', field: join(folder, first) }),
    )
    expect(contentsOf(folder)).toEqual({ [first]: text })
  })

  test('recovery: a sequence that can still be read in the torn line counts as used', () => {
    const recovered = recoverSeries(folderWith(`${one}{"arbitration_id":"b","sequence":5,"cand`), 'decisions')
    expect(lastSequenceOf(recovered)).toBe(5)
  })

  test('recovery: a sequence that was cut short is not taken for a smaller one', () => {
    const whole = '{"arbitration_id":"arb_20260617_234312_000173","sequence":173}\n'
    const next = '{"timestamp":1,"arbitration_id":"arb_20260617_234312_000174","sequence":174,"candidates":[]}'
    for (let keep = 1; keep < next.length; keep += 1) {
      expect(lastSequenceOf(recoverSeries(folderWith(whole + next.slice(0, keep)), 'decisions'))).toBe(174)
    }
    expect(lastSequenceOf(recoverSeries(folderWith(next.slice(0, 75)), 'decisions'))).toBe(174)
  })

  test('recovery: a series that names decisions knows of them, one of events of none', () => {
    const input = '{"arbitration_id":"arb_20260617_180022_000007","scenario":{}}\n'
    const folder = temporaryFolder()
    fs.writeFileSync(join(folder, 'inputs-000001.ndjson'), `${input}{"arbitration_id":"arb_2026`)
    fs.writeFileSync(join(folder, 'events-000001.ndjson'), '{"event_id":"e"}\n{"event')
    expect(lastSequenceOf(recoverSeries(folder, 'inputs'))).toBe(8)
    expect(lastSequenceOf(recoverSeries(folder, 'events'))).toBe(0)
  })

  test('recovery: decisions whose last line has no sequence are refused by file', () => {
    const folder = folderWith('{"event_id":"x"}\n')
    expect(() => lastSequenceOf(recoverSeries(folder, 'decisions'))).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT', field: join(folder, first) }),
    )
  })

  test('recovery: files are taken in the order of their numbers, beyond six digits too', () => {
    const folder = temporaryFolder()
    fs.writeFileSync(join(folder, 'decisions-1000000.ndjson'), two)
    fs.writeFileSync(join(folder, 'decisions-999999.ndjson'), one)
    const recovered = recoverSeries(folder, 'decisions')
    expect(recovered.files.map((file) => file.number)).toEqual([999_999, 1_000_000])
    expect(lastSequenceOf(recovered)).toBe(2)
  })
})
