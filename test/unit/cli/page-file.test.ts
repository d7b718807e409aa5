import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PageFile } from '../../../src/cli/page-file.ts'
import { pageBeginning } from '../../../src/observe/page/document.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const page = `${pageBeginning}\n<p>new</p>`

describe('page file', () => {
  it('appears whole when it is written, and nothing else stays', () => {
    const folder = temporaryFolder()
    const file = PageFile.open(join(folder, 'events.html'))
    expect(readdirSync(folder)).not.toContain('events.html')
    file.write(page)
    file.discard()
    expect(readdirSync(folder)).toEqual(['events.html'])
    expect(readFileSync(join(folder, 'events.html'), 'utf8')).toBe(page)
  })

  it('discarded, it leaves an older page as it was', () => {
    const path = join(temporaryFolder(), 'events.html')
    writeFileSync(path, `${pageBeginning} old`)
    const file = PageFile.open(path)
    file.discard()
    expect(readFileSync(path, 'utf8')).toBe(`${pageBeginning} old`)
    expect(() => file.write(page)).toThrow(/written or discarded already/)
  })

  it('replaces an older page or an empty file, and nothing else', () => {
    const folder = temporaryFolder()
    for (const [name, text] of [
      ['old.html', `${pageBeginning} old`],
      ['empty.html', ''],
    ] as const) {
      writeFileSync(join(folder, name), text)
      PageFile.open(join(folder, name)).write(page)
      expect(readFileSync(join(folder, name), 'utf8')).toBe(page)
    }
    const recording = join(folder, 'trades_BTC_1.jsonl')
    writeFileSync(recording, '{"ts":1}\n')
    expect(() => PageFile.open(recording)).toThrow(/trades_BTC_1\.jsonl: exists and is not a page/)
    expect(readFileSync(recording, 'utf8')).toBe('{"ts":1}\n')
  })

  it('a folder, a place that is not there and a device are refused by name before anything is read', () => {
    const folder = temporaryFolder()
    expect(() => PageFile.open(folder)).toThrow(/is a folder/)
    expect(() => PageFile.open(join(folder, 'none', 'events.html'))).toThrow(/events\.html: cannot be written \(ENOENT/)
    expect(() => PageFile.open('/dev/null')).toThrow(/not a regular file/)
    expect(readdirSync(folder)).toEqual([])
  })

  it('a folder that takes its place meanwhile is one clear error, and the part is taken away', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'events.html')
    const file = PageFile.open(path)
    mkdirSync(path)
    chmodSync(path, 0o755)
    expect(() => file.write(page)).toThrow(expect.objectContaining({ code: 'ERR_IO' }) as Error)
    expect(readdirSync(folder)).toEqual(['events.html'])
  })
})
