/** The canaries of the hour's audit: a real run's journal agrees with its summary, and every single thing that is lost is missed. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root, signalbox } from '../../support/command.ts'
import { channelFaults, type RunLines, readRunLines, runFaults, type SummaryFigures } from '../../support/run-audit.ts'

let summary: SummaryFigures
let lines: RunLines

beforeAll(() => {
  const samples = join(root, 'samples')
  const files = readdirSync(samples).flatMap((name) => (name.endsWith('.jsonl.gz') ? [join(samples, name)] : []))
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'))
  const run = signalbox(['replay', ...files, '--journal', folder, '--json'])
  summary = JSON.parse(run.stdout) as SummaryFigures
  lines = readRunLines(folder)
  rmSync(folder, { recursive: true, force: true })
})

/** The lines without the first that has `text` in it. */
function without(texts: readonly string[], text: string): string[] {
  const at = texts.findIndex((line) => line.includes(text))
  expect(at).toBeGreaterThanOrEqual(0)
  return texts.filter((_, index) => index !== at)
}

describe('run audit', () => {
  it('run audit: summary and journal of a real run agree', () => {
    expect(lines.trades.length).toBeGreaterThan(10)
    expect(runFaults(summary, lines)).toEqual([])
  })

  it.each([
    ['events', '"state":"TRIGGERED"', /begins with|events by type/],
    ['events', '"state":"COMPLETED"', /has no end, not even its expiry/],
    ['events', '"declined":1', /has 0 ends/],
    ['decisions', '"sequence":7,', /decision 8 comes after 6/],
    ['inputs', '_000009"', /line 9 of decisions is .*_000009, of inputs .*_000010/],
    ['trades', '"exit_reason"', /has 0 ends/],
  ] as const)('run audit: of %s a line with %s that is lost is missed', (series, text, fault) => {
    const less = { ...lines, [series]: without(lines[series], text) }
    expect(runFaults(summary, less).join('\n')).toMatch(fault)
  })

  it.each(['events', 'decisions', 'inputs', 'trades'] as const)(
    'run audit: a line of %s that is there twice is noticed',
    (series) => {
      const twice = { ...lines, [series]: [...lines[series], lines[series][3]!] }
      expect(runFaults(summary, twice)).not.toEqual([])
    },
  )

  it('run audit: a trade that nobody granted is noticed', () => {
    const other = lines.trades[0]!.replace(/"event_id":"[^"]+"/, '"event_id":"cascade_BTC_1"')
    expect(runFaults(summary, { ...lines, trades: [...lines.trades, other] })[0]).toMatch(
      /cascade_BTC_1 .* was never granted/,
    )
  })

  it.each([
    { malformed: { bad_px: 1 } },
    { decisions: 52 },
    { multi_event_decisions: 0 },
    { selected: 27 },
    { rejections: {} },
    { trades: 22 },
    { events: {} },
  ])('run audit: a summary that says %j is not believed', (bent) => {
    expect(runFaults({ ...summary, ...bent }, lines)).not.toEqual([])
  })

  it('run audit: channels must be empty at the end, have lost nothing, and have held no more than they may', () => {
    const whole = { sent: 10, received: 7, waiting: 0, conflated: 3, depthMax: 4, capacity: 4 }
    expect(channelFaults({ state: whole, order: { sent: 0, received: 0, waiting: 0 } })).toEqual([])
    expect(channelFaults({ state: { ...whole, sent: 11 } })).toEqual(['channel state: sent: 11, and 10 elsewhere'])
    expect(channelFaults({ state: { ...whole, received: 6, waiting: 1 } })).toHaveLength(1)
    expect(channelFaults({ state: { ...whole, received: 6, dropped: 1 } })).toHaveLength(1)
    expect(channelFaults({ state: { ...whole, refused: 1 } })).toHaveLength(1)
    expect(channelFaults({ state: { ...whole, depthMax: 5 } })).toEqual(['channel state held 5 of 4'])
  })
})
