/** The example of a strategy in a worker runs as it stands, in a live run against a playback; and what the command line says of wrong ones. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { monotonicNs, systemClock } from '../../src/base/clock.ts'
import { Random } from '../../src/base/random.ts'
import { summaryLines } from '../../src/cli/terminal/summary-page.ts'
import { parseConfig } from '../../src/config.ts'
import type { PipelineMessage } from '../../src/domain/message.ts'
import type { LiveRun as LiveRunClass } from '../../src/live-run.ts'
import { startPlaybackServer } from '../../src/stages/feed/playback/server.ts'
import { EventCounts, summarize } from '../../src/summary.ts'
import { writeMadeUpRecording } from '../simulation/made-up-recording.ts'
import { root, signalbox } from '../support/command.ts'
import { temporaryFolder } from '../support/temporary.ts'

const built = new URL('../../dist/live-run.js', import.meta.url).href
const { LiveRun } = (await import(built)) as { LiveRun: typeof LiveRunClass }

const example = join(root, 'examples', 'own-strategy.mjs')

function configWith(folder: string, json: Record<string, unknown>): string {
  const path = join(folder, 'config.json')
  writeFileSync(path, JSON.stringify(json))
  return path
}

it.each(['inline', 'compact'] as const)(
  'example, %s: a strategy of one’s own enters the cascades of a playback, and the summary tells of it',
  async (topology) => {
    const recording = writeMadeUpRecording(temporaryFolder())
    const server = await startPlaybackServer({
      files: recording.files,
      timeScale: 30,
      clock: monotonicNs,
      fromUnixMs: recording.fallUnixMs,
    })
    onTestFinished(() => server.stop())
    const json = {
      feed: server.url,
      symbols: server.symbols,
      strategies: [{ module: example, data: { capital: 2000, reward_risk: 0 } }],
      leave_to_strategies: ['LIQUIDATION_CASCADE'],
    }
    const messages: PipelineMessage[] = []
    const reports: string[] = []
    const run = await LiveRun.open({
      config: parseConfig({ text: JSON.stringify(json), name: 'config.json' }, null),
      ...{ backend: 'auto', journal: null, timeScale: 30, warmup: recording.files, clock: systemClock },
      warmupUntilUnixMs: recording.fallUnixMs,
      random: new Random(1),
      topology,
      endOnNormalClose: true,
      report: (line) => reports.push(line),
      onStatus: () => undefined,
      observer: (message) => messages.push(message),
    })
    onTestFinished(() => run.engine.close())
    run.start()
    await run.ended
    await run.stop()
    const settled = messages.filter((message) => message.kind === 'settled')
    expect(settled.length).toBeGreaterThan(0)
    expect(new Set(settled.map(({ position }) => position.grant.strategy))).toEqual(new Set(['early-cascade']))
    expect(run.engine.region.reservations.positions()).toEqual([])
    expect(reports).toEqual(['the state is warm'])
    const summary = summarize({
      engine: run.engine,
      events: new EventCounts(),
      malformed: new Map(),
      toUnixNs: (atNs) => run.timeline.toUnixNs(atNs),
      seconds: 1,
      peakRssBytes: 0,
      journal: null,
    })
    expect(summary.strategies).toMatchObject([
      { name: 'early-cascade', state: 'done', why: null, submitted: settled.length },
    ])
    const page = summaryLines(summary, run.feed.instruments, Number.POSITIVE_INFINITY).join('\n')
    expect(page).toMatch(/strategies +early-cascade: asked \d+ times, \d+ claims, \d+ granted/)
  },
)

it('run: a module that there is not ends with 2, and the line names key and file, relative to the configuration', () => {
  const folder = temporaryFolder()
  const config = configWith(folder, { feed: 'ws://127.0.0.1:9', strategies: [{ module: 'mine.mjs' }] })
  const run = signalbox(['run', '--config', config])
  expect(run.status).toBe(2)
  expect(run.stderr).toContain(`${config}: strategies[0].module: there is no file ${join(folder, 'mine.mjs')}`)
})

it('replay: refuses strategies in workers, and says why', () => {
  const config = configWith(temporaryFolder(), { strategies: [{ module: example }] })
  const run = signalbox(['replay', 'samples/trades_BTC_20260617.jsonl.gz', '--config', config])
  expect(run.status).toBe(2)
  expect(run.stderr).toMatch(/strategies\[0\]: strategies in workers run live only: a replay is deterministic/)
})
