/** The journal on its own thread: the same bytes as on the caller's, nothing lost when it lags, and an end in every case. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Timeline } from '../../src/domain/units.ts'
import { Journal } from '../../src/journal/journal.ts'
import { journalFrames, sendText } from '../../src/journal/journal-frame.ts'
import { journalSeries } from '../../src/journal/series.ts'
import type { JournalThread as JournalThreadClass, JournalThreadOptions } from '../../src/pipeline/journal-thread.ts'
import { playMadeUpRun } from '../simulation/made-up-market.ts'
import { mainPath, root } from '../support/command.ts'
import { temporaryFolder } from '../support/temporary.ts'

// Its worker starts from the build: a worker cannot start from a .ts file.
const built = new URL('../../dist/pipeline/journal-thread.js', import.meta.url).href
const { JournalThread } = (await import(built)) as { JournalThread: typeof JournalThreadClass }

const settings: JournalThreadOptions = {
  series: journalSeries,
  onStopped: 'retry',
  frameMax: 4_096,
  report: () => undefined,
}
const names = { types: ['A'], symbols: ['BTC'], timeline: new Timeline(0), policyText: { before: '{', after: '}' } }

async function open(folder: string, over: Partial<JournalThreadOptions> = {}): Promise<JournalThreadClass> {
  const journal = await JournalThread.open(folder, { ...settings, ...over })
  onTestFinished(() => journal.abandon())
  return journal
}

function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ndjson'))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

describe('journal thread', () => {
  it('writes the bytes that a journal on the caller’s thread writes, over made-up runs', async () => {
    for (const seed of [3, 14, 159]) {
      const inline = temporaryFolder()
      const journal = Journal.open(inline, { series: journalSeries })
      playMadeUpRun(seed, { journal })
      journal.close()
      const threaded = temporaryFolder()
      const thread = await open(threaded)
      playMadeUpRun(seed, { journal: thread })
      await thread.close()
      expect(filesOf(threaded), `seed ${seed}`).toEqual(filesOf(inline))
      expect(filesOf(threaded)['decisions-000001.ndjson']!.length, `seed ${seed}`).toBeGreaterThan(10_000)
    }
  })

  it('lags behind a fast sender, says so before its ring is full, and loses no line', async () => {
    const folder = temporaryFolder()
    const journal = await open(folder)
    const port = journal.connect(names)
    const text = (index: number): string => JSON.stringify({ index, filler: 'x'.repeat(20_000) })
    let sent = 0
    // Sent faster than they are written and synced; the sender itself waits when there is no room at all.
    const deadline = performance.now() + 60_000
    // One look says it: by the next one the journal's thread may have made room.
    let health = journal.settle()
    while (health.status === 'ok' && performance.now() < deadline) {
      for (let index = 0; index < 50; index += 1) sendText(port, journalFrames.line, 0, text(sent++))
      health = journal.settle()
    }
    expect(health).toEqual({ status: 'full' })
    for (let index = 0; index < 500; index += 1) sendText(port, journalFrames.line, 0, text(sent++))
    await journal.close()
    // A fast disk may have taken more than one file of them by then.
    const written = Object.entries(filesOf(folder)).filter(([name]) => name.startsWith('events-'))
    const lines = written
      .map(([, text]) => text)
      .join('')
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual([...Array(sent).keys()])
  })

  it('a folder that cannot be opened is refused by name, and a second run on one folder too', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'file')
    writeFileSync(file, '')
    await expect(open(file)).rejects.toMatchObject({ code: 'ERR_INPUT', field: file })
    const taken = join(folder, 'taken')
    mkdirSync(taken)
    await open(taken)
    await expect(open(taken)).rejects.toMatchObject({ code: 'ERR_INPUT', message: expect.stringContaining(taken) })
  })

  it('one that was never told of a run gives its folder back', async () => {
    const folder = temporaryFolder()
    const first = await open(folder)
    await first.close()
    const second = await open(folder)
    await second.abandon()
    await (await open(folder)).close()
    expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([])
  })

  it('says what opening mended', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'events-000001.ndjson'), '{"event_id":"a"}\n{"event_id":"b')
    const reports: string[] = []
    await (await open(folder, { report: (line) => reports.push(line) })).close()
    expect(reports).toEqual([`${join(folder, 'events-000001.ndjson')}: 14 bytes of a torn last line were cut off`])
  })

  it('a frame of a kind that there is none of breaks JNL-5: the thread ends, and whoever sends or settles is told', async () => {
    const journal = await open(temporaryFolder())
    const port = journal.connect(names)
    port.claim(1)
    port.commit(200, 1)
    const deadline = performance.now() + 10_000
    while (!journal.isBroken && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve))
    expect(() => journal.settle()).toThrow(/JNL-5/)
    expect(() => {
      for (;;) port.claim(1_000)
    }).toThrow(expect.objectContaining({ code: expect.stringMatching(/ERR_IO|ERR_CLOSED/) }))
    await expect(journal.close()).rejects.toThrow(/JNL-5/)
  })

  it('a full ring on a disk that refuses is told to the sender, who does not wait for ever', () => {
    const folder = join(temporaryFolder(), 'out')
    // A limit on the size of files stands for a disk that is full.
    const script = join(root, 'test', 'support', 'full-journal.mjs')
    const command = `ulimit -f 8; exec "${process.execPath}" "${script}" "${folder}"`
    const run = spawnSync('bash', ['-c', command], { cwd: root, encoding: 'utf8', timeout: 60_000 })
    expect([run.status, run.stdout, run.stderr]).toEqual([0, 'ERR_IO true true\n', ''])
  })

  it.each(['inline', 'compact', 'spread'])(
    'a replay (%s) whose disk takes no more ends with 1 and one line, and keeps what was acknowledged',
    (topology) => {
      const folder = join(temporaryFolder(), 'out')
      const samples = readdirSync(join(root, 'samples'))
        .filter((name) => name.endsWith('.jsonl.gz'))
        .map((name) => join('samples', name))
      // A limit on the size of files stands for a disk that is full.
      const command = `ulimit -f 8; exec "${process.execPath}" "${mainPath}" replay ${samples.join(' ')} --topology ${topology} --journal "${folder}"`
      const run = spawnSync('bash', ['-c', command], { cwd: root, encoding: 'utf8', timeout: 100_000 })
      expect(run.status).toBe(1)
      expect(run.stderr.trimEnd().split('\n')).toEqual([
        expect.stringMatching(/^signalbox: the journal cannot be written \(EFBIG\): make room/),
      ])
      for (const [name, text] of Object.entries(filesOf(folder))) {
        expect(text === '' || text.endsWith('}\n'), name).toBe(true)
      }
    },
  )
})
