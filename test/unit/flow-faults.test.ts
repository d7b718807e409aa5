/** Faults that were found in live runs on threads, each as the scenario that showed it. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { monotonicNs } from '../../dist/base/clock.js'
import { Timeline } from '../../dist/domain/units.js'
import { JournalThread } from '../../dist/pipeline/journal-thread.js'
import type { RunJournal } from '../../dist/pipeline/run-journal.js'
import { Silence } from '../../src/pipeline/silence.ts'
import { mainPath, root } from '../support/command.ts'
import { FlowRun } from '../support/flow-run.ts'
import { runNode } from '../support/run.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from './stages/feed/recordings.ts'

const topologies = ['compact', 'spread'] as const

/** A journal whose thread has failed: whoever sends it a line is told `ERR_IO`. */
async function brokenJournal(): Promise<RunJournal> {
  const settings = { onStopped: 'retry', frameMax: 4_096, report: () => undefined } as const
  const journal = await JournalThread.open(temporaryFolder(), settings)
  onTestFinished(() => journal.abandon())
  const port = journal.connect({
    types: ['A'],
    symbols: ['BTC'],
    timeline: new Timeline(0),
    policyText: { before: '{', after: '}' },
  })
  port.claim(1)
  port.commit(200, 1)
  await until(() => journal.isBroken, 'it is broken')
  return journal
}

describe.each(topologies)('a live run in %s', (topology) => {
  it('starts in a program that waits for nothing else', async () => {
    const { status, output } = await runNode([join(root, 'test/support/workers/flow-bare.mjs'), topology])
    expect({ status, output }).toEqual({ status: 0, output: 'started\nclosed\n' })
  })

  it('a journal that has failed halts entries, and keeps no thread from draining', async () => {
    const journal = await brokenJournal()
    const run = await FlowRun.open({ topology, journal, detectors: 'every=10&hold=5' })
    await run.feedSlowly(60)
    await run.feed(300, 300)
    run.stop()
    expect(run.engine.haltReason).toContain('JNL-5')
    expect(run.reports.filter((line) => line.includes('has not drained'))).toEqual([])
    expect(run.stateVersion).toBe(run.sent)
  })

  it('what is thrown over there and nobody foresaw halts for good, whatever the journal says, and is told once it is known', async () => {
    const run = await FlowRun.open({ topology, module: './workers/flow-sabotage.mjs?stage=state&at=4600' })
    await run.feedSlowly(150)
    expect(run.engine.haltReason).toBe('nobody foresaw this')
    run.engine.resume('journal')
    expect(run.engine.tradingState).toBe('HALTED')
    run.stop()
  })

  it('of records that came together, those behind one that a stage threw at are not lost', async () => {
    const run = await FlowRun.open({ topology, module: './workers/flow-sabotage.mjs?stage=state&at=5100' })
    await run.feed(900, 900)
    run.stop()
    expect(run.engine.haltReason).toBe('nobody foresaw this')
    expect(run.stateVersion).toBe(run.sent - 1)
  })

  it('a process that was stopped for a minute ends none of its threads when it goes on', async () => {
    let stoppedNs = 0
    const run = await FlowRun.open({ topology, clock: () => monotonicNs() + stoppedNs })
    await run.feedSlowly(600)
    stoppedNs = 60e9
    await run.feedSlowly(600)
    expect(run.reports).toEqual(['the state is warm'])
    expect(run.engine.tradingState).toBe('ACTIVE')
    run.stop()
  })

  it('a record before the threads have started is refused, and so is no stop', async () => {
    const run = new FlowRun({ topology })
    onTestFinished(() => run.engine.close())
    expect(() => run.warmUp()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    await expect(run.feed(1)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    run.stop()
    expect(run.reports).toEqual([])
  })
})

describe('the end of a live run on threads', () => {
  it('closed without a stop while a detector hangs: its thread is terminated', async () => {
    const terminate = vi.spyOn(Worker.prototype, 'terminate')
    onTestFinished(() => terminate.mockRestore())
    const run = await FlowRun.open({ topology: 'compact', detectors: 'hang=3' })
    await run.feed(30, 30)
    run.engine.close()
    await until(() => terminate.mock.calls.length > 0, 'it is terminated')
    await terminate.mock.results[0]!.value
  })

  it('it starts once, and a stop behind its close waits for nobody', async () => {
    const run = await FlowRun.open({ topology: 'compact' })
    await expect(run.engine.start()).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    run.stop()
    run.engine.close()
    run.stop()
    expect(run.reports).toEqual([])
  })
})

it('time in which nobody looked says nothing of a thread: it counts for a quarter of a second at most', () => {
  const silence = new Silence()
  expect(silence.look(1, 0)).toBe(0)
  expect(silence.look(1, 100e6)).toBe(100e6)
  expect(silence.look(1, 60e9)).toBe(350e6)
  expect(silence.look(2, 61e9)).toBe(0)
})

describe('signalbox run', () => {
  it('with threads and without a journal it comes up: a venue that is not there is waited for', async () => {
    const ended = runNode(['-e', script(mainPath)])
    await expect(ended).resolves.toMatchObject({ status: 0, output: expect.stringContaining('reconnecting') })
  })
})

/** Runs the command until it has lost its venue once, then asks it to end. */
function script(path: string): string {
  const args = JSON.stringify([path, 'run', '--feed', 'ws://127.0.0.1:1', '--json'])
  return `
    const child = require('node:child_process').spawn(process.execPath, ${args})
    child.stderr.on('data', (text) => {
      process.stdout.write(text)
      if (String(text).includes('reconnecting')) child.kill('SIGTERM')
    })
    child.on('close', (status) => { process.exitCode = status })`
}
