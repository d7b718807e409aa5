/** The journal's thread as the run sees it; the built one, because a worker runs what was built. */
import { once } from 'node:events'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { Timeline } from '../../../src/domain/units.ts'
import { journalFrames, sendText } from '../../../src/journal/journal-frame.ts'
import { journalSeries } from '../../../src/journal/series.ts'
import type * as Built from '../../../src/pipeline/journal-thread.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const built = new URL('../../../dist/pipeline/journal-thread.js', import.meta.url)
const { JournalThread } = (await import(built.href)) as typeof Built

const names = { types: [], symbols: [], timeline: new Timeline(0), policyText: { before: '{', after: '}' } }

async function open(folder: string): Promise<{ journal: Built.JournalThread; worker: Worker }> {
  const begun = once(process, 'worker') as Promise<[Worker]>
  const journal = await JournalThread.open(folder, {
    series: journalSeries,
    onStopped: 'retry',
    frameMax: 1_024,
    report: () => undefined,
  })
  return { journal, worker: (await begun)[0] }
}

describe('journal thread', () => {
  it('that dies without a word is a failed journal: nothing goes on as if it were written, nobody waits for room', async () => {
    const folder = join(temporaryFolder(), 'out')
    const { journal, worker } = await open(folder)
    const port = journal.connect(names)
    sendText(port, journalFrames.line, 0, '{}')
    expect(journal.settle()).toEqual({ status: 'ok' })
    await worker.terminate()
    const died = { code: 'ERR_IO', message: `${folder}: the journal's thread ended by itself (code 1)` }
    expect(() => journal.settle()).toThrow(expect.objectContaining(died))
    expect(() => sendText(port, journalFrames.line, 0, '{}')).toThrow(expect.objectContaining(died))
    await expect(journal.close()).rejects.toMatchObject(died)
  })

  it('that was closed has written what was sent, and is not called dead', async () => {
    const folder = join(temporaryFolder(), 'out')
    const { journal } = await open(folder)
    sendText(journal.connect(names), journalFrames.line, 0, '{}')
    await journal.close()
    await journal.close()
    const again = await open(folder)
    await again.journal.abandon()
  })
})
