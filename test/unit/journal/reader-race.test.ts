/** The one moment at which a writer can overtake the reader unseen: between its last read of a file and its look for the next. */
import fs from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readJournal } from '../../../src/journal/reader.ts'
import { temporaryFolder } from './faulty-fs.ts'

const moment = vi.hoisted(() => ({ beforeLookingForFiles: () => {} }))

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs')>()
  return {
    ...original,
    readdirSync: (path: string) => {
      moment.beforeLookingForFiles()
      return original.readdirSync(path)
    },
  }
})

test('reader: lines that were appended after its last read of a file, just before a rotation, are not passed over', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'trades-000001.ndjson')
  fs.writeFileSync(path, '{"n":1}\n')
  let looks = 0
  moment.beforeLookingForFiles = () => {
    looks += 1
    // The first look finds the files there are; the second comes when the first file seems to be at its end.
    if (looks !== 2) return
    fs.appendFileSync(path, '{"n":2}\n')
    fs.writeFileSync(join(folder, 'trades-000002.ndjson'), '{"n":3}\n')
  }
  const numbers = [...readJournal(folder, 'trades')].map((read) => read.kind === 'line' && read.value.n)
  expect(numbers).toEqual([1, 2, 3])
  expect(looks).toBe(3)
})
